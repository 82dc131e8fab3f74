/** Policies under which the conformance suites are run. Repositories of theirs lie below `hosted/conf/`. */

/** The gate does not look at them at all. */
export const gateOff = `version: 1
name: conformance-off
bindings:
  - { id: conformance, images: ["hosted/conf/**"], policy: baseline, mode: "off", unknownImage: allow }
`;

/** The gate decides, and a rule says that these repositories go through without a look. */
export const gatePassing = `version: 1
name: conformance-passing
beforeScan:
  - { id: conformance, images: ["hosted/conf/**"], action: pass, reason: Content of the conformance suite. }
bindings: []
`;

/** The gate decides and looks, and lets through everything that a policy can let through. */
export const gateOn = `version: 1
name: conformance-on
artifacts: allow
rules: []
require:
  coverage: ignore
  completeInventory: ignore
  recognisedOs: ignore
  packages: ignore
  advisories: { action: ignore }
`;
