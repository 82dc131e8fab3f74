import express, { type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { parseDigest } from '../../core/digest.ts';
import { invalid } from '../management/query.ts';

/** JSON of at most so many bytes, not packed. */
export function jsonBody(bytes: number): RequestHandler {
  return express.json({ limit: bytes, strict: true, inflate: false, type: () => true });
}

/** @throws PratiqueError `usage-invalid`, which names what is wrong first */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.').slice(0, 200) ?? '';
  throw invalid(
    `the body cannot be used: ${where === '' ? 'it' : where}: ${issue?.message.slice(0, 300) ?? ''}`,
  );
}

export const digestText = z.string().transform((text, context) => {
  const digest = parseDigest(text);
  if (digest !== null) return digest;
  context.addIssue({ code: 'custom', message: 'is not a digest: sha256:<64 hex digits>' });
  return z.NEVER;
});

export const timeText = z.iso.datetime({ error: 'is not a time in UTC such as 2026-11-24T10:00:00Z' });

/** Says that it was taken. */
export function accepted(response: Response, count: number): void {
  response.status(202).json({ accepted: count });
}
