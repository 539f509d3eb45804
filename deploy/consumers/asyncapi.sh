#!/usr/bin/env bash
# asyncapi.sh [PROGRAM]: prints the AsyncAPI 3 document of what the relay publishes, with the schemas that the program itself prints. The file
# beside this one is what it prints for this version. Needs jq.
set -euo pipefail
program=$(realpath "$(command -v "${1:-argyle-relay}")")
cd "$(dirname "${BASH_SOURCE[0]}")"
events=(users.fully_synced paystubs.fully_synced gigs.fully_synced shifts.fully_synced)
for event in "${events[@]}"; do "$program" schema "$event"; done | jq -s -f asyncapi.jq
