import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { hostname } from 'node:os';
import type { Logger } from '../core/ports/logger.ts';
import { lockFolder } from '../db/lock.ts';
import { openRecords } from '../db/state-client.ts';
import type { Rulebook } from '../policy/bindings/rulebook.ts';
import { Replicas } from '../proxy/gates/replicas.ts';
import { DueVerdicts } from '../vetting/due.ts';
import { createHosted } from '../vetting/hosted.ts';
import { imageGateOf } from '../webhook/image-gate.ts';
import type { Running } from '../webhook/running/running.ts';
import { accessLog } from './access-log.ts';
import type { CurrentAdvisories } from './advisories.ts';
import type { Config, Listen } from './config/config.ts';
import { Ending } from './ending.ts';
import { startEvents } from './events.ts';
import { startGates } from './gates-port.ts';
import { watchGround } from './ground.ts';
import { type HarborAdapter, startHarborAdapter } from './harbor-adapter.ts';
import { openJudging } from './judging.ts';
import { managementApp } from './management-port.ts';
import { createMetrics, type Gauges } from './metrics.ts';
import { createUpstreamMetrics } from './metrics-upstreams.ts';
import { scansAgain } from './other-scanner.ts';
import { tellOverruled } from './overruled.ts';
import { dataPaths } from './paths.ts';
import { fileExceptionsOf } from './policy/standing.ts';
import { startPrefetch } from './prefetch.ts';
import { refusalIn } from './pull-refused.ts';
import { createPushGate } from './push-gate.ts';
import { ageOf, readiness } from './readiness.ts';
import { serveRegistryPort } from './registry-front.ts';
import { type BoundAt, openRegistryPorts } from './registry-ports.ts';
import { openRunning, sinceIn } from './running.ts';
import { gatherSightings } from './sightings.ts';
import { openStorage } from './storage.ts';
import { addTagMetrics } from './tags.ts';
import { createUpstreams, platformsBy } from './upstreams.ts';
import { startWebhook } from './webhook-port.ts';
import { createWorkerPool } from './workers/pool.ts';

/** A running Pratique: where it listens, and how to end it. */
export interface RunningServer {
  readonly registry: Listen | null;
  readonly bound: readonly BoundAt[];
  readonly management: Listen | null;
  readonly webhook: Listen | null;
  readonly harborAdapter: Listen | null;
  readonly gates: Listen | null;
  /** PEM file of the authority that signed the webhook's certificate; null when the operator brought one. */
  readonly webhookCa: string | null;
  readonly advisories: CurrentAdvisories;
  /** Which policy was in force at the start. */
  readonly policy: { readonly name: string; readonly revision: string; readonly problem: string | null };
  close(): Promise<void>;
}

/**
 * The parts list: everything is made here, once, and handed to those who use it.
 * @throws PratiqueError `config-invalid`, `policy-invalid`, `data-locked`, `data-unusable`, `port-taken`
 */
export async function startServer(config: Config, logger: Logger, now: () => number): Promise<RunningServer> {
  const ending = new Ending(logger, config.shutdownDelay);
  try {
    return await start(config, logger, now, ending);
  } catch (error) {
    await ending.close();
    throw error;
  }
}

async function start(
  config: Config,
  logger: Logger,
  now: () => number,
  ending: Ending,
): Promise<RunningServer> {
  const paths = dataPaths(config.data);
  mkdirSync(paths.root, { recursive: true, mode: 0o700 });
  ending.add(lockFolder(paths.lock));

  let stateLost: string | null = null;
  let loginProblem = (): string | null => null;
  const records = await openRecords(paths.state, (error) => {
    stateLost = error.message;
    logger.error({ err: error }, 'the state database is gone: every gate is closed until a restart');
  });
  ending.add(() => records.close());
  await records.beginRecords(randomUUID());
  const storage = await openStorage({ config, records, paths, ending, now, logger });
  const { store, inUse, uploads, registers } = storage;
  const observe = createUpstreamMetrics(registers, logger, () => reached.load());
  const reached = createUpstreams(config.upstreams, observe, now);
  ending.add(() => reached.close());
  const pool = createWorkerPool(reached.observe);
  ending.add(() => pool.close());
  await pool.warm();

  let policyInvalid = (_problem: string): void => undefined;
  let tellRunning = (): void => undefined;
  const judging = await openJudging({
    ...{ config, records, storage, upstreams: reached, pool, paths, ending, now, logger },
    onPolicy: (cause) => {
      ground.changed(cause);
      tellRunning();
    },
    onPolicyInvalid: (problem) => policyInvalid(problem),
    onVerdicts: () => tellRunning(),
  });
  const { advisories, inForce, inspection, door, other, judge, attached, vetting, reevaluation } = judging;
  const { analysis, clients, limits, analyzers } = inspection;
  const { servers } = door;
  const rulebook = (): Rulebook => inForce.rulebook();
  /** Whose findings decide. */
  const findings = other ?? advisories;
  const findingsProblem = (): string | null => (other === null ? advisories.problem : null);

  const onReferrer = attached.attached.bind(attached);
  const hosted = createHosted({
    ...{ records, vetting, analysis, store, inUse, onReferrer, now, logger },
    ...config.hosted,
  });
  const events = await startEvents({
    config: config.events,
    store: records,
    sightings: records,
    advisoriesUpdatedAt: () => advisories.updatedAt,
    advisoriesProblems: () => advisories.problems,
    policyExceptions: () => fileExceptionsOf(inForce).map(({ exception }) => exception),
    hostname: hostname(),
    proxies: config.proxies,
    now,
    random: Math.random,
    logger,
  });
  policyInvalid = (problem) => events.policyInvalid(problem);
  if (inForce.problem !== null) events.policyInvalid(inForce.problem);
  ending.add(() => events.close());
  const ground = watchGround({
    advisories,
    inForce,
    vetting,
    reevaluation,
    due: new DueVerdicts({
      records,
      judge,
      onChanged: judging.onChanged,
      ...scansAgain(other, judge),
      now,
      logger,
    }),
    records,
    onTurn: () => events.poke(),
    rematch: config.advisories.rematch,
    now,
    logger,
  });
  ending.add(() => ground.close());

  const gauges: Gauges = {
    vettings: () => vetting.underWay,
    advisoriesAge: () => ageOf(advisories.updatedAt, now()),
    advisoriesProblems: () => advisories.problems.length,
    scans: () => harborAdapter?.load() ?? { waiting: 0, running: 0 },
    policyProblem: () => inForce.problem !== null,
    toReevaluate: () => reevaluation.state.total - reevaluation.state.done,
    messages: () => records.waitingMessages(),
  };
  const metrics = createMetrics(gauges, logger, registers);
  addTagMetrics(registers, judging.tagCounts);
  let harborAdapter: HarborAdapter | null = null;
  let running: Running | null = null;
  const replicas = new Replicas(now);

  const management = createServer(
    managementApp({
      records,
      stateFile: paths.state,
      analyzers,
      inForce,
      remarks: judging.remarks,
      advisories,
      metrics: metrics.read,
      pulls: () => vetting.pulls(),
      running: (limit) => running?.view(limit) ?? null,
      status: () => ({
        ...readiness([ending.problem, stateLost, findingsProblem(), loginProblem(), servers.problem()]),
        vettings: vetting.underWay,
        reevaluation: reevaluation.state,
        replicas: replicas.list(),
      }),
      names: [
        ...config.publicNames,
        ...(config.listen.management === null ? [] : [config.listen.management.host]),
      ],
      now,
      logger,
    }),
  );
  const managementAt = await ending.open(management, config.listen.management, 'management');

  const access = accessLog(logger);
  const registry = await openRegistryPorts(config.listen, () => servers.make(), ending);
  const front = serveRegistryPort({
    ports: registry,
    config,
    managementAt,
    tokenKeys: paths.tokenKeys,
    tls: servers.tls,
    addresses: door.addresses,
    accessTokens: () => door.tokens.list(),
    clients,
    pushClient: reached.pushClient,
    repositories: records,
    pushGate: createPushGate({ vetting, hosted, records, onReferrer }),
    parts: {
      gate: vetting,
      store,
      inUse,
      hosted,
      uploads,
      onAnswer: config.accessLog
        ? (outcome) => {
            metrics.onAnswer(outcome);
            access(outcome);
          }
        : metrics.onAnswer,
      onHold: metrics.onHold,
      onDecision: (decision) => {
        const { name, user, clearance } = decision;
        metrics.onDecision('proxy', clearance);
        tellOverruled(logger, 'proxy', name, user, clearance);
        const refused = refusalIn(decision, now());
        if (refused !== null) events.refused(refused);
      },
    },
    now,
    logger,
  });
  loginProblem = () => front.authorization.problem() ?? door.tokens.problem();
  ending.add(() => front.close());

  const sightings = gatherSightings({ store: records, logger });
  ending.add(() => sightings.close());
  const webhook = await startWebhook({
    config,
    certificates: paths.certificates,
    gate: imageGateOf(vetting),
    addressing: front.addressing,
    rulebook,
    onDecision: (decision) => {
      metrics.onDecision('admission', decision);
      tellOverruled(logger, 'admission', decision.resolved, null, decision);
    },
    onAdmitted: (seen) => sightings.add(seen),
    onRefused: (event) => events.refused(event),
    notReady: () => readiness([stateLost, findingsProblem()]).notReady,
    onReview: metrics.onReview,
    registers,
    ending,
    now,
    logger,
  });

  const gates = await startGates({
    config,
    certificates: paths.gatesCertificates,
    records,
    gate: vetting,
    addressing: front.addressing,
    names: front.names,
    inForce,
    images: { platforms: platformsBy(config.upstreams, config.platforms), limits },
    onEvent: (event) => events.refused(event),
    ...{ registers, replicas, ending, now, logger },
  });
  running = await openRunning({
    ...{ config, rulebook, registers, ending, now, logger },
    gate: imageGateOf(vetting),
    addressing: front.addressing,
    since: sinceIn(records),
    tell: (report) => records.putRunning(report),
  });
  tellRunning = () => running?.poke();

  let harborAdapterAt: Listen | null = null;
  if (config.listen.harborAdapter !== null) {
    harborAdapter = await startHarborAdapter({
      config,
      rulebook,
      shared: {
        records,
        judge,
        matcher: findings,
        runner: inspection.runnerFor,
        blobs: inspection.blobs,
        limits,
        flights: inspection.flights,
        attached,
        onHolder: (digest) => vetting.holdersChanged(digest),
      },
      jobs: records.scanJobs,
      advisoriesUpdatedAt: () => advisories.updatedAt,
      onScan: metrics.onScan,
      now,
      logger,
    });
    const { close: stopScans, server } = harborAdapter;
    ending.add(stopScans);
    harborAdapterAt = await ending.open(server, config.listen.harborAdapter, 'harborAdapter');
  }

  storage.start();
  ending.add(startPrefetch({ config, gate: vetting, registry: registers, random: Math.random, logger }));
  // The policy may be another one than at the last stop.
  if (findings.revision() !== null) reevaluation.start('policy');
  return {
    registry: registry.at,
    bound: registry.bound,
    management: managementAt,
    webhook: webhook.at,
    harborAdapter: harborAdapterAt,
    gates: gates.at,
    webhookCa: webhook.caFile,
    advisories,
    policy: { name: inForce.name, revision: inForce.revision, problem: inForce.problem },
    close: () => ending.close({ drain: true }),
  };
}
