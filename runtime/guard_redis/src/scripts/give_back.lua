-- Removes what a ticket took under KEYS. ARGV: the ticket.
local prefix = ARGV[1] .. ':'
for _, key in ipairs(KEYS) do
  for _, member in ipairs(redis.call('ZRANGE', key, 0, -1)) do
    if string.sub(member, 1, #prefix) == prefix then redis.call('ZREM', key, member) end
  end
end
return 0
