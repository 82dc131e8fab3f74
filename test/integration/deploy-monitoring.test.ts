import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { openStage, type Stage } from './stage.ts';

/** What watches a running Pratique asks for nothing that it does not tell. */

const alerts = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            labels: z.object({ severity: z.enum(['critical', 'warning']) }),
            annotations: z.object({ summary: z.string(), description: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(readFileSync('deploy/monitoring/alerts.yaml', 'utf8')))
  .groups.flatMap(({ rules }) => rules);
const panels = z
  .object({
    panels: z.array(
      z.object({
        id: z.number(),
        title: z.string(),
        targets: z.array(z.object({ expr: z.string() })).optional(),
        gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync('deploy/monitoring/dashboard.json', 'utf8'))).panels;

const asked = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** Metrics of ours, and of the process, that an expression names, without what a histogram adds. */
const namesIn = (expr: string): readonly string[] =>
  [...expr.matchAll(/\b(?:pratique|process)_[a-z_]+/g)].map(([name]) =>
    name.replace(/_(?:bucket|sum|count)$/, ''),
  );

/** What is told at an address, with the labels that it has there now. */
async function toldAt(management: string): Promise<readonly string[]> {
  const text = await (await fetch(`${management}/metrics`)).text();
  return [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name ?? '');
}

let stage: Stage;
const told = new Set<string>();
beforeAll(async () => {
  stage = await openStage({ repositories: {} });
  for (const name of await toldAt(stage.pratique.management)) told.add(name);
});
afterAll(() => stage?.close());

describe('alerts and dashboard', () => {
  it.each(asked)('%s asks for what the program tells: %s', (_where, expr) => {
    const names = namesIn(expr).filter((name) => !/^pratique_(?:replica|running)_/.test(name));
    expect(names.filter((name) => !told.has(name))).toEqual([]);
  });

  it('has alerts with names of their own, and a sentence that says what to do', () => {
    const names = alerts.map(({ alert }) => alert);
    expect(names).toEqual([...new Set(names)]);
    for (const { annotations } of alerts) expect(annotations.description).toMatch(/\.$/);
  });

  it('has panels that do not lie upon each other', () => {
    const ids = panels.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    const taken = new Set<string>();
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect({ title, free: !taken.has(`${x},${y}`) }).toEqual({ title, free: true });
          taken.add(`${x},${y}`);
        }
      }
    }
  });
});

const promtool = process.env.PRATIQUE_PROMTOOL ?? '';
if (promtool === '') process.stdout.write('not run: promtool (PRATIQUE_PROMTOOL is not set)\n');
(promtool === '' ? describe.skip : describe)('promtool', () => {
  it('takes the alerts', () => {
    const said = execFileSync(promtool, ['check', 'rules', 'deploy/monitoring/alerts.yaml'], {
      encoding: 'utf8',
    });
    expect(said).toMatch(/SUCCESS/);
  });
});
