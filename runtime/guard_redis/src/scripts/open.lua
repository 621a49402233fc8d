-- Opens a breaker. KEYS as in `record.lua`. ARGV: the event's time, until when.
local now, until_ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local known = redis.call('HMGET', KEYS[3], 'latest', 'open')
local latest, open = tonumber(known[1] or ''), tonumber(known[2] or '')
local function text(number) return string.format('%.0f', number) end
if not latest or latest < now then redis.call('HSET', KEYS[3], 'latest', text(now)) end
if not open or open < until_ms then
  open = until_ms
  redis.call('HSET', KEYS[3], 'open', text(until_ms))
end
redis.call('DEL', KEYS[1], KEYS[2])
-- Known until it is closed.
redis.call('PERSIST', KEYS[3])
return 0
