#!/usr/bin/env bash
# Keeps each user's newest account set, for a look or a small script. Needs kcat and jq. What it has seen it forgets when it ends.
set -euo pipefail
kcat -q -u -b "$BOOTSTRAP_SERVERS" -X auto.offset.reset=earliest -f '%s\n' -G "$GROUP_ID" argyle.users.fully-synced |
    jq -n -r --unbuffered 'foreach inputs as $event ({seen: {}, revisions: {}};
        ($event.data.user) as $user | ($event.data.revision) as $revision |
        if .seen[$event.id] then .line = "again \($event.id)"
        elif $revision <= (.revisions[$user] // 0) then .line = "older \($user) \($revision)"
        else .revisions[$user] = $revision | .line = "applied \($user) \($revision) \($event.data.change)" end
        | .seen[$event.id] = true;
        .line)'
