import type { Digest } from './digest.ts';

/** Something about the image itself that a policy may mind, found in its bytes alone. In the order in which they are told. */
export const checkIds = [
  'secret-in-file',
  'secret-in-environment',
  'secret-in-history',
  'possible-secret',
  'setuid-file',
  'world-writable-in-path',
  'add-from-url',
  'runs-as-root',
  'exposes-ssh',
  'no-healthcheck',
] as const;
export type CheckId = (typeof checkIds)[number];

/** One thing that a check has found. It never holds the secret that it speaks of. */
export interface Check {
  readonly id: CheckId;
  /** What was found and where, one sentence. */
  readonly detail: string;
  /** The file that it was found in, a clean path. */
  readonly path?: string;
  /** In that file, from 1. */
  readonly line?: number;
  /** Digest of the layer blob that holds the file; left out where there is no layer. */
  readonly layer?: Digest;
  /** Which of a check's rules found it (docs/checks.md). */
  readonly rule?: string;
}

/** Findings of one check that are told of one image; how many more there are is told by one without a path. */
export const mostFindingsOfCheck = 200;

export interface CheckGuide {
  /** What is found, as a heading. */
  readonly title: string;
  /** Why it matters, one sentence. */
  readonly reason: string;
  /** What to do, one sentence. */
  readonly remedy: string;
  /** Without a config nobody can tell; the others find nothing there because there is nothing. */
  readonly needsConfig: boolean;
}

const secretRemedy =
  'Revoke the secret, and build the image anew with a secret mount (RUN --mount=type=secret): removing it in a later layer leaves it in this one.';

/** What a person is told beside each finding: the same for all of one check, so that no image stores it. */
export const checkGuides: Readonly<Record<CheckId, CheckGuide>> = {
  'secret-in-file': {
    title: 'A secret in a file',
    reason: 'Whoever may pull the image has the secret, be the file deleted by a later layer.',
    remedy: secretRemedy,
    needsConfig: false,
  },
  'secret-in-environment': {
    title: 'A secret in an environment variable of the config',
    reason: 'Whoever may pull or inspect the image has the secret, and so has every process in it.',
    remedy: 'Revoke the secret, and give the variable to the container where it runs.',
    needsConfig: false,
  },
  'secret-in-history': {
    title: 'A secret in the history',
    reason:
      'Build commands and build arguments are kept in the config, which whoever may pull the image can read.',
    remedy:
      'Revoke the secret, and build with a secret mount (RUN --mount=type=secret) instead of an argument.',
    needsConfig: false,
  },
  'possible-secret': {
    title: 'What may be a secret',
    reason: 'Its shape or its name is that of a secret, and nothing proves that it is one.',
    remedy: 'Look at it; if it is a secret, revoke it and give it to the container where it runs.',
    needsConfig: false,
  },
  'setuid-file': {
    title: 'A program with the rights of its owner',
    reason:
      'Whoever may run a setuid or setgid program has the rights of its owner or group, however the container was started.',
    remedy:
      'Take the bit away (chmod u-s,g-s) in the layer that brings the file, or run with no-new-privileges.',
    needsConfig: false,
  },
  'world-writable-in-path': {
    title: 'A place of the PATH that everybody may write to',
    reason: 'Any process of the container can replace a program that others run.',
    remedy: 'Take the right away (chmod o-w) in the layer that brings it.',
    needsConfig: false,
  },
  'add-from-url': {
    title: 'Content that was fetched while the image was built',
    reason: 'ADD takes whatever the address gives on the day of the build, and nothing proves what that was.',
    remedy: 'Use ADD --checksum, or fetch the file beforehand and COPY it.',
    needsConfig: false,
  },
  'runs-as-root': {
    title: 'It runs as root',
    reason: 'Whoever breaks into the program is root in the container.',
    remedy: "Name a user in the image's build file (USER), best as a number.",
    needsConfig: true,
  },
  'exposes-ssh': {
    title: 'It exposes SSH',
    reason: 'Containers are replaced and not logged in to.',
    remedy: 'Remove the SSH server and the EXPOSE line from the image.',
    needsConfig: true,
  },
  'no-healthcheck': {
    title: 'It has no health check',
    reason: 'Nothing but the end of its process tells that the program does not work.',
    remedy: 'Add a HEALTHCHECK, or a probe where the container runs.',
    needsConfig: true,
  },
};
