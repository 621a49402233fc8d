-- Saves a session if it is still at a version. KEYS: the session. ARGV: the version, the bytes.
-- A session is a hash of its version and its bytes. Answers 1 when it was saved.
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'bytes', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 1
