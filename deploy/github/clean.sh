#!/usr/bin/env bash
# Passes text on without what isn't text: control characters, invisible and bidirectional ones, broken UTF-8.
set -euo pipefail

LC_ALL=C tr -d '\000-\010\013-\037\177' |
	LC_ALL=C sed $'s/\xc2[\x80-\x9f]//g; s/\xe2\x80[\x8b-\x8f\xa8-\xae]//g; s/\xe2\x81[\xa0-\xaf]//g; s/\xef\xbb\xbf//g' |
	{ iconv -f UTF-8 -t UTF-8 -c || true; }
