-- What a breaker counts. KEYS as in `record.lua`. ARGV: the event's time and the window.
-- Answers with events, failures and, if it was opened and not closed since, until when.
local now, over = tonumber(ARGV[1]), tonumber(ARGV[2])
local known = redis.call('HMGET', KEYS[3], 'latest', 'open')
local latest, open = tonumber(known[1] or ''), tonumber(known[2] or '')
if latest and latest > now then now = latest end
local from = '(' .. string.format('%.0f', now - over)
local answer = { redis.call('ZCOUNT', KEYS[1], from, '+inf'), redis.call('ZCOUNT', KEYS[2], from, '+inf') }
if open then answer[3] = open end
return answer
