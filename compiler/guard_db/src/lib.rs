//! Holds the inputs and the query database, and knows files only as text with an id.
