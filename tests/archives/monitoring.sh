#!/usr/bin/env bash
# What Prometheus makes of metrics, alert rules and their tests: promtool, its own tool, reads them all. Prints TAP lines.
#
#   tests/archives/monitoring.sh [PITR-FIND]      default: build/pitr-find
set -euo pipefail

# shellcheck source=tests/cli/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../cli/lib.sh"
# shellcheck source=tests/support/scrape.sh
. "$root/tests/support/scrape.sh"

if ! has promtool; then
    echo "ok - metrics and alert rules # SKIP no promtool"
    exit 0
fi

# reads NAME COMMAND...: promtool reads stdin, and has no complaint.
reads() {
    local name=$1
    shift
    run_program promtool "$@"
    expect_status 0
    expect_no_err
    done_with "$name"
}

# ---- metrics ------------------------------------------------------------------------------------

unpack timelines17 plain
cp -r plain $'gap "of\\one\n\xf6' && rm gap*/00000002*C
for archive in plain gap* nowhere; do
    "$program" verify --format prometheus "$archive" >metrics 2>said || true
    name=$(LC_ALL=C tr -c 'a-z\n' . <<<"$archive" | head -n 1)
    reads "metrics of an archive: $name" check metrics <metrics
done
# Labels are read back as what they are: the rest of the text would not be a sample.
sed 's/pitr_archive_up{/pitr_archive_up{{/' metrics >broken
run_program promtool check metrics <broken
[ "$status" -ne 0 ] || miss 'broken metrics are good, too'
done_with 'promtool sees what is wrong'

unpack pg15 pg15
if start_watch pg15; then
    scrape metrics
    reads 'metrics of a watch' check metrics <metrics
    # OpenMetrics is read where old samples are taken in: each must have a time there.
    scrape metrics 'Accept: application/openmetrics-text; version=1.0.0'
    sed -E '/^#/!s/$/ 1700000000/' metrics >dated
    run_program promtool tsdb create-blocks-from openmetrics dated blocks
    [ "$status" -eq 0 ] || miss "$(cat out err)"
    sed '/^# EOF/d' dated >endless
    run_program promtool tsdb create-blocks-from openmetrics endless blocks
    [ "$status" -ne 0 ] || miss 'OpenMetrics without an end is good, too'
    stop_watch
    done_with 'metrics of a watch, as OpenMetrics'
else
    echo 'ok - metrics of a watch # SKIP this build has no libmicrohttpd'
fi

# ---- alert rules --------------------------------------------------------------------------------

reads 'the alert rules' check rules "$root/tools/monitoring/pitr-find.rules.yml" </dev/null
run_program promtool test rules "$root/tests/archives/monitoring.test.yml"
[ "$status" -eq 0 ] || miss "$(head -c 3000 out err)"
done_with 'each alert fires when it should, and no other'
# Each alert has a test.
sed -n 's/^ *- alert: //p' "$root/tools/monitoring/pitr-find.rules.yml" | sort >alerts
grep -oE 'alertname: [A-Za-z]+' "$root/tests/archives/monitoring.test.yml" | sed 's/.* //' | sort -u | diff alerts - >difference || miss "$(cat difference)"
done_with 'each alert has a test'

awk '/^```/ { inside = !inside && $0 == "```yaml"; next } inside' "$root/docs/manual/metrics.md" |
    sed "s|/usr/local/share/pitr-find/monitoring|$root/tools/monitoring|" >prometheus.yml
reads 'the configuration in the manual' check config prometheus.yml </dev/null
grep -q "SUCCESS: $(wc -l <alerts) rules found" out || miss "$(cat out)"
done_with 'the configuration in the manual loads the alert rules'

# ---- the dashboard ------------------------------------------------------------------------------

# Its expressions as rules, with a range where Grafana puts one.
# shellcheck disable=SC2016 # a variable of Grafana
{
    echo 'groups: [ { name: dashboard, rules: ['
    jq -r '.. | objects | .expr? | strings' "$root/tools/monitoring/pitr-find.grafana.json" | sed 's/\$__rate_interval/5m/g' |
        jq -R '{record: "a:\(input_line_number)", expr: .}' | sed 's/^}/},/'
    echo '] } ]'
} >dashboard.yml
reads 'the expressions of the dashboard' check rules dashboard.yml </dev/null
