#!/bin/sh
# One image of a pipeline, inspected and judged by the central policy. The image has this as `pratique-scan`.
#
#   PRATIQUE_TARGET      what `pratique scan` takes: registry.corp/app:1.0, docker-archive:app.tar, oci:DIR, …   required
#   PRATIQUE_POLICY      a policy file, or the https:// address of one; without it that of PRATIQUE_CONFIG, or the baseline
#   PRATIQUE_POLICY_TOKEN  sent to that address as a bearer token
#   PRATIQUE_CONFIG      pratique.yaml, for upstreams with credentials
#   PRATIQUE_ADVISORIES  where advisories come from: oci://…, https://… or a folder; without it the public feeds
#   PRATIQUE_DATA        folder that a pipeline may keep, so that advisories and layers are not fetched anew  (.pratique)
#   PRATIQUE_REPORTS     folder of the reports  (pratique-reports)
#   PRATIQUE_FORMATS     which: sarif junit json cyclonedx spdx  (sarif junit)
#   PRATIQUE_ONLY_TELL   true: a refusal does not fail the job; that nothing could be decided still does
#   PRATIQUE             the command itself  (pratique)
#
# Ends as `pratique scan` does: 0 pass or warn, 1 the policy denies it, 2 something to correct, 3 nobody can say.
set -eu

pratique=${PRATIQUE:-pratique}
data=${PRATIQUE_DATA:-.pratique}
reports=${PRATIQUE_REPORTS:-pratique-reports}

if [ -z "${PRATIQUE_TARGET:-}" ]; then
  echo 'PRATIQUE_TARGET: found nothing, allowed what `pratique scan` takes, such as registry.corp/app:1.0' >&2
  exit 2
fi
mkdir -p "$data" "$reports"
set -- --data "$data"
if [ -n "${PRATIQUE_CONFIG:-}" ]; then set -- "$@" --config "$PRATIQUE_CONFIG"; fi

# Advisories first: without them there is no verdict. What cannot be renewed stays as it was, and the policy says for how long.
$pratique advisories update "$@" ${PRATIQUE_ADVISORIES:+--from "$PRATIQUE_ADVISORIES"} >&2 \
  || echo 'Advisories could not be renewed; the scan says whether what is there will do.' >&2

case ${PRATIQUE_POLICY:-} in
  '') ;;
  https://*)
    policy="$data/central-policy.yaml"
    rm -f "$policy"
    # Another answer than a policy, or none, is no reason to scan without one.
    node -e '
      const [url, file] = process.argv.slice(1);
      const token = process.env.PRATIQUE_POLICY_TOKEN ?? "";
      const headers = token === "" ? {} : { Authorization: `Bearer ${token}` };
      fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(30_000) })
        .then(async (answer) => {
          if (!answer.ok) throw new Error(`it answers ${answer.status}`);
          require("node:fs").writeFileSync(file, await answer.text(), { mode: 0o600 });
        })
        .catch((error) => {
          console.error(`PRATIQUE_POLICY: ${url} cannot be fetched: ${error.cause?.message ?? error.message}`);
          process.exit(2);
        });
    ' "$PRATIQUE_POLICY" "$policy" || exit 2
    set -- "$@" --policy "$policy"
    ;;
  *) set -- "$@" --policy "$PRATIQUE_POLICY" ;;
esac

# Once for a person; the reports then read the layers that are kept.
code=0
$pratique scan "$PRATIQUE_TARGET" "$@" || code=$?
for format in ${PRATIQUE_FORMATS:-sarif junit}; do
  case $format in
    sarif) name=pratique.sarif ;;
    junit) name=pratique.xml ;;
    json) name=pratique.json ;;
    cyclonedx) name=pratique.cdx.json ;;
    spdx) name=pratique.spdx.json ;;
    *)
      echo "PRATIQUE_FORMATS: found \"$format\", allowed sarif, junit, json, cyclonedx and spdx" >&2
      exit 2
      ;;
  esac
  one=0
  $pratique scan "$PRATIQUE_TARGET" "$@" --format "$format" --output "$reports/$name" || one=$?
  if [ "$one" -gt "$code" ]; then code=$one; fi
done

if [ "$code" -eq 1 ] && [ "${PRATIQUE_ONLY_TELL:-false}" = true ]; then
  echo 'The policy denies this image. The job goes on, because PRATIQUE_ONLY_TELL says so.' >&2
  exit 0
fi
exit "$code"
