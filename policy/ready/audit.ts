/** For looking before enforcing. */
export const auditText = `# Warns of what strict policies deny, and denies nothing. What is unfit to be judged is still an error.
version: 1
name: audit

rules:
  - id: known-exploited
    title: Known to be exploited
    action: warn
    when: { knownExploited: true }
    controls: [nist-800-190/3.1.1, nist-800-190/4.1.1, cis-docker/4.4]
  - id: malware
    title: Malicious package
    action: warn
    when: { kind: [malware] }
    controls: [nist-800-190/3.1.3, nist-800-190/4.1.3, cis-docker/4.11]
  - id: high
    title: High or of unknown severity
    action: warn
    when: { severity: { atLeast: high, unknown: true } }
    controls: [nist-800-190/3.1.1, nist-800-190/4.1.1, cis-docker/4.4]
  - id: end-of-life
    title: Its operating system has no support
    action: warn
    image: { endOfLife: true }
    controls: [nist-800-190/3.1.1, nist-800-190/3.2.2, cis-docker/4.2]
  - id: badly-configured
    title: Its configuration invites attacks
    action: warn
    checks: [runs-as-root, exposes-ssh]
    controls: [nist-800-190/3.1.2, nist-800-190/4.1.2, cis-docker/4.1]
  - id: secrets
    title: A secret in the image
    action: warn
    checks: [secret-in-file, secret-in-environment, secret-in-history]
    controls: [nist-800-190/3.1.4, nist-800-190/4.1.4, cis-docker/4.10]
  - id: no-healthcheck
    title: It has no health check
    action: info
    checks: [no-healthcheck]
    controls: [cis-docker/4.6]

require:
  coverage: warn
  completeInventory: warn
  recognisedOs: warn
  packages: warn
  advisories: { maxAge: 7d, action: warn }

artifacts: allow
`;
