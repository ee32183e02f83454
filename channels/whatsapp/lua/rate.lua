-- Two limits at once, each a bucket that fills steadily (generic cell rate algorithm): a message passes
-- when both let it, and counts in neither when one does not.
-- KEYS: number, pair. ARGV: microseconds a message and burst of the number, then of the pair
-- Gives 0 to go, else milliseconds to wait.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local fits = {}
local wait = 0
for i = 1, 2 do
  local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local due = tonumber(redis.call('GET', KEYS[i]) or '0')
  if due < now then
    due = now
  end
  wait = math.max(wait, due - interval * (burst - 1) - now)
  fits[i] = due + interval
end
if wait > 0 then
  return math.ceil(wait / 1000)
end
for i = 1, 2 do
  redis.call('SET', KEYS[i], string.format('%.0f', fits[i]), 'PX', math.ceil((fits[i] - now) / 1000) + 1000)
end
return 0
