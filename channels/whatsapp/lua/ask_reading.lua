-- Puts a file among those to be read, once. Whoever has many waiting lets others go first; when too
-- much is waiting, what comes waits behind all the rest.
-- KEYS: asked, the streams by priority (3), chats, bell
-- ARGV: chat, body, few, bound, bound of what is put off, seconds to remember
-- Gives 0, 1 or 2: in which stream; -1: no room at all.
local before = redis.call('GET', KEYS[1])
if before then
  return tonumber(before)
end
local place = 0
if tonumber(redis.call('HGET', KEYS[5], ARGV[1]) or '0') >= tonumber(ARGV[3]) then
  place = 1
end
if redis.call('XLEN', KEYS[2]) + redis.call('XLEN', KEYS[3]) >= tonumber(ARGV[4]) then
  place = 2
  if redis.call('XLEN', KEYS[4]) >= tonumber(ARGV[5]) then
    return -1
  end
end
redis.call('SET', KEYS[1], place, 'EX', ARGV[6])
redis.call('XADD', KEYS[2 + place], '*', 'c', ARGV[1], 'b', ARGV[2])
redis.call('HINCRBY', KEYS[5], ARGV[1], 1)
if redis.call('LLEN', KEYS[6]) == 0 then
  redis.call('LPUSH', KEYS[6], '1')
end
return place
