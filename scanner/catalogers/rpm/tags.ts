/** Numbers of what a header tells (rpm's rpmtag.h). */
export const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  license: 1014,
  arch: 1022,
  /** Whole paths, as packages before 2000 had them. */
  oldFileNames: 1027,
  fileStates: 1029,
  sourceRpm: 1044,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
  modularityLabel: 5096,
} as const;
