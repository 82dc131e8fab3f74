import type { Logger } from '../../core/ports/logger.ts';
import { type Door, json, problem } from '../door.ts';
import { formatReview, parseReview } from '../review.ts';
import { acceptGlass, type GlassRules } from './accept.ts';

export interface GlassDoorOptions {
  readonly rules: GlassRules;
  /** A new one is read at once. */
  readonly onAccepted: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** `/break-glass`: accepts ConfigMaps by which members of named groups have nothing refused for a while (ADR 0043). */
export function glassDoor({ rules, onAccepted, now, logger }: GlassDoorOptions): Door {
  return {
    path: '/break-glass',
    takes: 'a review',
    handle: ({ body }) => {
      const { request, refused } = parseReview(body);
      if (request === null) return Promise.resolve(problem(400, refused));
      const { decision, patch, glass } = acceptGlass(rules, request, now());
      const { user, name, operation, dryRun } = request;
      return Promise.resolve(
        json(formatReview(request.uid, decision, patch), () => {
          const fields = { user, name, operation, dryRun, message: decision.message };
          if (glass !== null) {
            logger.warn(
              { ...fields, ...glass },
              'a break-glass was accepted: nothing is refused there for a while',
            );
            onAccepted();
          } else if (!decision.allowed) logger.warn(fields, 'a break-glass was refused');
        }),
      );
    },
  };
}
