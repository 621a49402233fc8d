-- Counts an event of a breaker. KEYS: all events and the failures, as sorted sets by time, and a hash
-- of what else is known. ARGV: '1' for a failure, the event's time, the window, the most events.
local now, over, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local function text(number) return string.format('%.0f', number) end

local said = now
local latest = tonumber(redis.call('HGET', KEYS[3], 'latest') or ARGV[2])
if latest > now then now = latest end
-- First a command that a server without room refuses: after the first write it refuses none.
redis.call('HSET', KEYS[3], 'latest', text(now))
local gone = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', text(now - over))
local left = redis.call('ZCARD', KEYS[1]) - #gone
if left >= most then
  gone = redis.call('ZRANGE', KEYS[1], 0, #gone + left - most)
end
for _, event in ipairs(gone) do
  redis.call('ZREM', KEYS[1], event)
  redis.call('ZREM', KEYS[2], event)
end
-- Numbers of equal length, so that events of one time stay in order.
local event = string.format('%016.0f', redis.call('HINCRBY', KEYS[3], 'events', 1))
redis.call('ZADD', KEYS[1], text(now), event)
if ARGV[1] == '1' then redis.call('ZADD', KEYS[2], text(now), event) end

local keep = now - said + over + tonumber(EXPIRY_SLACK_MS)
for place, key in ipairs(KEYS) do
  -- That a breaker was opened is known until it is closed.
  local stays = place == 3 and redis.call('HEXISTS', key, 'open') == 1
  if not stays and redis.call('PTTL', key) < keep then redis.call('PEXPIRE', key, text(keep)) end
end
return 0
