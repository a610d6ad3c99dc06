#!/usr/bin/env bash
# hotcell with curl: a script, a file in and out, a stream, a session.
#   HOTCELL_URL=http://127.0.0.1:8080 HOTCELL_KEY=… examples/curl.sh
set -euo pipefail
url=${HOTCELL_URL:-http://127.0.0.1:8080}

ask() { # ask METHOD PATH [CURL'S ARGUMENTS]
  local method=$1 path=$2
  shift 2
  curl --silent --show-error --fail-with-body --request "$method" "$url$path" \
    --header "Authorization: Bearer ${HOTCELL_KEY:-}" --header 'Content-Type: application/json' "$@"
}

echo '# the result of main'
ask POST /execute --data '{"script": "def main(a, b): return a * b", "args": [6, 7]}'

echo '# a file in, and one out'
ask POST /execute --data @- <<'END'
{
  "script": "import pandas as pd\ndef main():\n    pd.read_csv('in.csv').sum().to_csv('out.csv')",
  "files": [{"path": "in.csv", "content": "a,b\n1,2\n3,4\n"}],
  "collect": ["out.csv"]
}
END

echo '# output as it comes'
ask POST /execute --no-buffer --header 'Accept: text/event-stream' --data '{"script": "def main():\n    for i in range(3): print(i)"}'

echo '# a session keeps its variables'
id=$(ask POST /sessions --data '{}' | sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
ask POST "/sessions/$id/execute" --data '{"mode": "cell", "script": "x = 20"}' >/dev/null
ask POST "/sessions/$id/execute" --data '{"mode": "cell", "script": "x + 1"}'
ask DELETE "/sessions/$id"
