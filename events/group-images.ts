import { type MessageImage, mostImages } from './message.ts';

/** Which groups an image is in, of those whose messages name it. */
export class GroupImages {
  readonly #groups = new Map<string, Set<string>>();

  groupsOf(image: MessageImage): readonly string[] {
    return [...(this.#groups.get(keyOf(image)) ?? [])];
  }

  /** @param before of the group's message, without these: one that is full names no more. */
  join(group: string, images: readonly MessageImage[], before: readonly MessageImage[]): void {
    if (before.length >= mostImages) return;
    for (const image of images) {
      const groups = this.#groups.get(keyOf(image));
      if (groups === undefined) this.#groups.set(keyOf(image), new Set([group]));
      else groups.add(group);
    }
  }

  leave(group: string, images: readonly MessageImage[]): void {
    for (const image of images) {
      const groups = this.#groups.get(keyOf(image));
      groups?.delete(group);
      if (groups?.size === 0) this.#groups.delete(keyOf(image));
    }
  }
}

function keyOf({ digest, policy }: MessageImage): string {
  return `${digest} ${policy ?? ''}`;
}
