-- Takes all claims or none (or only looks). One sorted set for each key, scored by time.
--
-- ARGV: the event's time, the ticket, the most takes of a key, '1' to take and '0' to look; then six
-- for each claim, whose key stands in KEYS: 't', amount, most, window, most, window (0: no second
-- window), or 'p', 0, places, lease, 0, 0. Amounts are millionths, all numbers are whole and below
-- 2^53, where a Lua number is exact.
--
-- Members: 'TICKET:N:AMOUNT', one for each take, and 't', whose score is the time of the latest
-- claim. 's' stands beside 't' once an amount was not ONE: until then members need not be read.
-- A lease's score is its end.
--
-- Answers with the index of the first claim that does not fit or 0, then for each claim what remains
-- and when it resets.
local ONE = 1000000
local now_said, ticket = tonumber(ARGV[1]), ARGV[2]
local live_max, taking = tonumber(ARGV[3]), ARGV[4] == '1'

-- tostring() rounds to 14 digits.
local function text(number) return string.format('%.0f', number) end
local function after(time) return '(' .. text(time) end
local function is_mark(member) return member == 't' or member == 's' end

-- What counts after a time: how many, how much, and the first one's score.
local function held(key, time, sums)
  local count, used, first = 0, 0, nil
  if sums then
    local members = redis.call('ZRANGEBYSCORE', key, after(time), '+inf', 'WITHSCORES')
    for i = 1, #members, 2 do
      if not is_mark(members[i]) then
        count = count + 1
        used = used + tonumber(string.match(members[i], ':(%d+)$'))
        first = first or tonumber(members[i + 1])
      end
    end
    return count, used, first
  end
  count = redis.call('ZCOUNT', key, after(time), '+inf')
  local members = redis.call('ZRANGEBYSCORE', key, after(time), '+inf', 'WITHSCORES', 'LIMIT', 0, 2)
  for i = 1, #members, 2 do
    if not is_mark(members[i]) then first = first or tonumber(members[i + 1]) end
  end
  local latest = redis.call('ZSCORE', key, 't')
  if latest and tonumber(latest) > time then count = count - 1 end
  return count, count * ONE, first
end

-- What a claim meets.
local function meet(key, kind, at)
  local latest = redis.call('ZSCORE', key, 't')
  local now = now_said
  if latest and tonumber(latest) > now then now = tonumber(latest) end
  local met = { now = now, each = {}, longest = 0, live = 0 }
  if kind == 'p' then
    local count, _, first = held(key, now, false)
    local most, lease = math.min(tonumber(ARGV[at + 2]), live_max), tonumber(ARGV[at + 3])
    met.longest, met.live = lease, count
    -- A lease's score is its end, so it resets at the score itself.
    met.each[1] = { most = most * ONE, used = count * ONE, first = first, length = 0, lease = lease }
    return met
  end
  local sums = redis.call('ZSCORE', key, 's')
  for w = at + 2, at + 4, 2 do
    local most, length = tonumber(ARGV[w]), tonumber(ARGV[w + 1])
    if length > 0 then
      local count, used, first = held(key, now - length, sums)
      met.each[#met.each + 1] = { most = most, used = used, first = first, length = length, lease = length }
      if length > met.longest then met.longest, met.live = length, count end
    end
  end
  return met
end

local function fits(met, amount, pending)
  if amount > 0 and met.live + pending.takes >= live_max then return false end
  for _, window in ipairs(met.each) do
    if amount > window.most - window.used - pending.amount then return false end
  end
  return true
end

-- The tightest window; of equally tight ones the one that stays so for longer.
local function standing(met, pending)
  local remaining, resets
  for _, window in ipairs(met.each) do
    local left = math.max(window.most - window.used - pending.amount, 0)
    if met.live + pending.takes >= live_max then left = 0 end
    local reset = 0
    if window.first then
      reset = window.first + window.length - met.now
    elseif pending.takes > 0 then
      reset = window.lease
    end
    if not remaining or left < remaining or (left == remaining and reset > resets) then
      remaining, resets = left, reset
    end
  end
  return remaining, resets
end

local claims, pendings, refused = {}, {}, 0
for i, key in ipairs(KEYS) do
  local at = 5 + (i - 1) * 6
  local kind, amount = ARGV[at], tonumber(ARGV[at + 1])
  if kind == 'p' then amount = ONE end
  local met = meet(key, kind, at)
  local pending = pendings[key] or { amount = 0, takes = 0 }
  if refused == 0 and not fits(met, amount, pending) then refused = i end
  pending = { amount = pending.amount + amount, takes = pending.takes + (amount > 0 and 1 or 0) }
  pendings[key] = pending
  claims[i] = { key = key, kind = kind, amount = amount, met = met, pending = pending }
end

local take = taking and refused == 0
local answer = { refused }
for _, claim in ipairs(claims) do
  local pending = take and claim.pending or { amount = 0, takes = 0 }
  local remaining, resets = standing(claim.met, pending)
  answer[#answer + 1] = remaining
  answer[#answer + 1] = resets
end
if not take then return answer end

-- A ticket may take from one key several times.
local function new_member(key, amount)
  local number = 0
  while true do
    local member = ticket .. ':' .. number .. ':' .. text(amount)
    if not redis.call('ZSCORE', key, member) then return member end
    number = number + 1
  end
end

for _, claim in ipairs(claims) do
  local key, now, longest = claim.key, claim.met.now, claim.met.longest
  local is_place = claim.kind == 'p'
  -- First a command that a server without room refuses: after the first write it refuses none.
  redis.call('ZADD', key, text(now), 't')
  if not is_place then
    local is_one = claim.amount == 0 or claim.amount == ONE
    if not is_one or redis.call('ZSCORE', key, 's') then redis.call('ZADD', key, text(now), 's') end
  end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', is_place and '(' .. text(now) or text(now - longest))
  if claim.amount > 0 then
    redis.call('ZADD', key, text(is_place and now + longest or now), new_member(key, claim.amount))
  end
  -- The server's clock only clears up: it gets as long as the events' clocks may differ.
  redis.call('PEXPIRE', key, text(now - now_said + longest + tonumber(EXPIRY_SLACK_MS)))
end
return answer
