import { type FileFacts, noFacts } from '../cataloger.ts';
import { linesOf } from '../lines.ts';

/** Of one package. The largest, which collect the work of hundreds, name some fifty. */
const mostNames = 100;
/** Characters of one; longer ones are sentences. */
const longestName = 150;

/** What a copyright file names: machine-readable ones in fields, older ones by where Debian keeps common licences. */
export function parseCopyright(_path: string, content: Buffer): FileFacts {
  const fields = namesInFields(content);
  const names = fields.length > 0 ? fields : namesInText(content.toString('utf8'));
  return names.length === 0 ? noFacts : { ...noFacts, notes: { licenses: names.slice(0, mostNames) } };
}

/**
 * Short names of licences in Debian's machine-readable format 1.0 and what came before it. Those of the whole and of files
 * count; paragraphs of a licence's text alone repeat the parts of a choice, and count where there are no others.
 */
function namesInFields(content: Buffer): readonly string[] {
  const ofFiles = new Set<string>();
  const ofTexts = new Set<string>();
  let isHeader = false;
  let paragraphs = 0;
  let files = false;
  let name = '';
  const finish = (): void => {
    const names = files || isHeader ? ofFiles : ofTexts;
    if (name !== '' && names.size < mostNames) names.add(name);
    isHeader = false;
    files = false;
    name = '';
  };
  for (const line of linesOf(content)) {
    if (line.trim() === '') {
      finish();
      continue;
    }
    const key = keyOf(line);
    if (key === 'format' || key === 'format-specification') {
      isHeader = true;
      paragraphs += 1;
    } else if (key === 'files') files = true;
    else if (key === 'license' && name === '') name = nameIn(line.slice(line.indexOf(':') + 1));
  }
  finish();
  if (paragraphs === 0) return [];
  return [...(ofFiles.size > 0 ? ofFiles : ofTexts)];
}

/** The name of a line's field, in small letters; empty: it has none, or a longer one than any of these. */
function keyOf(line: string): string {
  const colon = line.indexOf(':');
  return colon < 0 || colon > 20 ? '' : line.slice(0, colon).toLowerCase();
}

function nameIn(text: string): string {
  const name = text
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replace(/[.,;]$/, '');
  return name.length > longestName ? '' : name;
}

const common = /\/usr\/share\/common-licenses\/([A-Za-z0-9][A-Za-z0-9.+-]{0,40})/g;

function namesInText(text: string): readonly string[] {
  const names = new Set<string>();
  for (const [, name = ''] of text.matchAll(common)) {
    names.add(name.replace(/[.-]+$/, ''));
    if (names.size >= mostNames) break;
  }
  return names.size > 0 ? [...names] : namesOfTexts(text);
}

/** Beginnings of licences that are so short that packages have them whole, by SPDX's names. */
const beginnings: readonly (readonly [string, string])[] = [
  ['MIT', 'Permission is hereby granted, free of charge, to any person obtaining a copy'],
  ['ISC', 'Permission to use, copy, modify, and/or distribute this software for any purpose with'],
  ['Apache-2.0', 'Licensed under the Apache License, Version 2.0'],
  ['Zlib', "This software is provided 'as-is', without any express or implied warranty. In no event"],
];
const bsd = 'Redistribution and use in source and binary forms';

function namesOfTexts(text: string): readonly string[] {
  const flat = text.replaceAll(/[\s*#]+/g, ' ');
  const names = beginnings.filter(([, beginning]) => flat.includes(beginning)).map(([name]) => name);
  if (!flat.includes(bsd)) return names;
  if (flat.includes('All advertising materials mentioning')) return [...names, 'BSD-4-Clause'];
  return [...names, /\b[Nn]either the names? of/.test(flat) ? 'BSD-3-Clause' : 'BSD-2-Clause'];
}
