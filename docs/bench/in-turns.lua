-- What in-turns.py has wrk ask for: the URL as given, with a field (NAME VALUE), or one of many paths (PREFIX COUNT; count 0: each path once).
function init(asked)
  local shape = asked[1]
  if shape == "field" then
    wrk.headers[asked[2]] = asked[3]
  elseif shape == "paths" then
    local prefix, count, next = asked[2], tonumber(asked[3]), 0
    local behind = " HTTP/1.1\r\nHost: " .. wrk.headers["Host"] .. "\r\n\r\n"
    math.randomseed(7)
    request = function()
      next = count > 0 and math.random(0, count - 1) or next + 1
      return "GET " .. prefix .. next .. behind
    end
  end
end

function done(total, delay)
  local failed = total.errors
  print(string.format("IN-TURNS %d %d %d %d", total.requests, total.duration, delay:percentile(99),
    failed.connect + failed.read + failed.write + failed.status + failed.timeout))
end
