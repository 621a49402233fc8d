-- Closes a breaker and forgets its events. KEYS as in `record.lua`.
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('HDEL', KEYS[3], 'open')
redis.call('PEXPIRE', KEYS[3], tonumber(EXPIRY_SLACK_MS))
return 0
