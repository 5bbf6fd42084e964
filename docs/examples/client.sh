#!/bin/sh
# Sends an article to a running `extractor serve`, and prints the extraction as JSON.
#
#     EXTRACTOR_KEY=xk_… sh client.sh article.json http://localhost:8000
#
# Exit status: 0 with an extraction, 22 with a problem document (which is printed too).
set -eu
article=$1 address=$2

# The key goes in by standard input: arguments are seen by everybody on the machine.
printf 'header = "Authorization: Bearer %s"\n' "${EXTRACTOR_KEY:-none}" |
  curl --config - --silent --show-error --fail-with-body --max-time 900 \
    --retry 4 --header 'Content-Type: application/json' --data-binary "@$article" \
    "$address/v1/extract"
