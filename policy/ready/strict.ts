/** For what faces the world: everything that has a fix and matters, after a week to apply it. */
export const strictText = `# What can be fixed has to be fixed, within a week; what is known to be exploited at once.
version: 1
name: strict

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
  - id: likely-exploited
    title: Likely to be exploited soon
    why: The EPSS model gives it one chance in two or more within thirty days.
    action: deny
    when: { epss: { atLeast: 0.5, unknown: false } }
    remedy: Update the package, or take the image out of service until there is a fix.
    controls: [nist-800-190/3.1.1, nist-800-190/4.1.1]
  - id: critical
    title: Critical
    why: Whether it has a fix or not, it lets an attacker in.
    action: deny
    grace: 7d
    when: { severity: { atLeast: critical, unknown: false } }
    remedy: Update the package, or write an exception that says why it does no harm.
    controls: [nist-800-190/3.1.1, nist-800-190/4.1.1, cis-docker/4.4]
  - id: high-with-fix
    title: High or of unknown severity, and a fix exists
    why: An update is all that it takes.
    action: deny
    grace: 7d
    when: { severity: { atLeast: high, unknown: true }, fixAvailable: true }
    remedy: Update the package to the fixed version.
    controls: [nist-800-190/3.1.1, nist-800-190/4.1.1, cis-docker/4.4]
  - id: medium-with-old-fix
    title: Medium, and a fix has been there for a month
    why: Images that nobody rebuilds gather what is worse.
    action: warn
    when: { severity: { atLeast: medium, unknown: false }, fixAvailableFor: 30d }
    remedy: Build the image again on a current base image.
    controls: [nist-800-190/3.2.2, nist-800-190/4.2.2, cis-docker/4.4]
  - id: end-of-life
    title: Its operating system has no support
    why: Nobody looks for vulnerabilities in it any more, so few are known.
    action: deny
    image: { endOfLife: true }
    remedy: Build the image on a release that is supported.
    controls: [nist-800-190/3.1.1, nist-800-190/3.2.2, cis-docker/4.2]
  - id: end-of-life-soon
    title: Its operating system will soon have no support
    action: warn
    image: { endOfLife: { within: 60d } }
    remedy: Plan the move to a release that is supported.
    controls: [nist-800-190/3.2.2]
  - id: runs-as-root
    title: It runs as root
    why: Whoever breaks out of the program is root in the container.
    action: warn
    checks: [runs-as-root]
    remedy: Name a user in the image's build file.
    controls: [nist-800-190/3.1.2, nist-800-190/4.1.2, cis-docker/4.1]
  - id: exposes-ssh
    title: It exposes SSH
    why: Containers are replaced and not logged in to.
    action: deny
    checks: [exposes-ssh]
    remedy: Remove the SSH server from the image.
    controls: [nist-800-190/3.1.2, nist-800-190/4.1.2, cis-docker/4.3]
  - id: secrets
    title: A secret in the image
    why: Whoever may pull the image has it, be it deleted by a later layer.
    action: deny
    checks: [secret-in-file, secret-in-environment, secret-in-history]
    remedy: Revoke the secret, and give it to the build or to the container by a mount.
    controls: [nist-800-190/3.1.4, nist-800-190/4.1.4, cis-docker/4.10]
  - id: rights
    title: Rights that are not needed
    why: They let a process become another user, or change what others run.
    action: warn
    checks: [setuid-file, world-writable-in-path]
    remedy: Take them away in the layer that brings them.
    controls: [nist-800-190/3.1.2, nist-800-190/4.1.2, cis-docker/4.8]
  - id: add-from-url
    title: Content that was fetched while it was built
    action: warn
    checks: [add-from-url]
    remedy: Use ADD --checksum, or COPY.
    controls: [nist-800-190/3.1.2, cis-docker/4.9]
  - id: no-healthcheck
    title: It has no health check
    action: info
    checks: [no-healthcheck]
    remedy: Add a HEALTHCHECK, or a probe where the container runs.
    controls: [cis-docker/4.6]
  - id: old
    title: It is older than half a year
    why: What is not rebuilt gets no fixes.
    action: warn
    image: { olderThan: 180d }
    remedy: Build the image again.
    controls: [nist-800-190/3.2.2, nist-800-190/4.2.2, cis-docker/4.4]

require:
  advisories: { maxAge: 2d, action: error }
`;
