mod decisions;
mod interpreting;
mod world;
