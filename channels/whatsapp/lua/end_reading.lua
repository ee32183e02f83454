-- A file has been read, and what it says lies in the inbox: it waits no more.
-- KEYS: stream, chats
-- ARGV: group, id, chat
-- Gives 1 done, 0 it was done before.
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then
  return 0
end
redis.call('XDEL', KEYS[1], ARGV[2])
if redis.call('HINCRBY', KEYS[2], ARGV[3], -1) < 1 then
  redis.call('HDEL', KEYS[2], ARGV[3])
end
return 1
