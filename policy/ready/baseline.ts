import { parsePolicy } from '../parse.ts';
import type { Policy } from '../policy.ts';

/** The policy that Pratique enforces from the start, as a file to start one's own from. */
export const baselineText = `# What Pratique enforces until it is told otherwise.
version: 1
name: baseline

# Their order does not matter; a denial outweighs a warning.
rules:
  - id: known-exploited
    title: Known to be exploited
    why: Somebody attacks with it already.
    action: deny
    when: { knownExploited: true }
    remedy: Update the package, or build on a newer base image, before anything else.
    controls: [nist-800-190/3.1.1, nist-800-190/4.1.1, cis-docker/4.4]
  - id: malware
    title: Malicious package
    why: It was published to do harm, and runs with everything that the container may do.
    action: deny
    when: { kind: [malware] }
    remedy: Remove the package, and treat every secret that this image could read as stolen.
    controls: [nist-800-190/3.1.3, nist-800-190/4.1.3, cis-docker/4.11]
  - id: critical-with-fix
    title: Critical, and a fix exists
    why: An update is all that it takes.
    action: deny
    when: { severity: { atLeast: critical, unknown: false }, fixAvailable: true }
    remedy: Update the package to the fixed version.
    controls: [nist-800-190/3.1.1, nist-800-190/4.1.1, cis-docker/4.4]
  - id: high-with-fix
    title: High or of unknown severity, and a fix exists
    why: An update is all that it takes.
    action: warn
    when: { severity: { atLeast: high, unknown: true }, fixAvailable: true }
    remedy: Update the package to the fixed version.
    controls: [nist-800-190/3.1.1, nist-800-190/4.1.1, cis-docker/4.4]
  - id: secrets
    title: A secret in the image
    why: Whoever may pull the image has it, be it deleted by a later layer.
    action: warn
    checks: [secret-in-file, secret-in-environment, secret-in-history]
    remedy: Revoke the secret, and give it to the build or to the container by a mount.
    controls: [nist-800-190/3.1.4, nist-800-190/4.1.4, cis-docker/4.10]

# What an image as a whole must be. Each can be error, warn or ignore.
require:
  coverage: error # advisories exist for every ecosystem and release in it
  completeInventory: error # nothing in it was unreadable
  recognisedOs: error # a file tells which system it is, or there is none
  packages: error # at least one package was recognised
  advisories: { maxAge: 7d, action: error }

# What is no image: charts, signatures, SBOMs.
artifacts: deny

# One finding let through until a day, with a reason and an author:
#   - advisory: CVE-2024-1234
#     package: openssl
#     image: docker.io/library/*
#     reason: The vulnerable function is not called.
#     author: someone@example.org
#     expires: 2026-12-31
exceptions: []
`;

/** The same, read: what few will argue with. */
export function baselinePolicy(): Policy {
  return parsePolicy(baselineText, 'baseline.yaml');
}
