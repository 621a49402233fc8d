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
local keep = math.max(open - now, 0) + tonumber(EXPIRY_SLACK_MS)
if redis.call('PTTL', KEYS[3]) < keep then redis.call('PEXPIRE', KEYS[3], text(keep)) end
return 0
