import { containerdFiles } from './containerd.ts';
import { crioFiles } from './crio.ts';
import { dockerFiles } from './docker.ts';
import { k3sFiles } from './k3s.ts';
import type { NodeFile, NodeGround, NodeKind } from './node-file.ts';
import { talosFiles } from './talos.ts';

const makers: Record<NodeKind, (ground: NodeGround) => NodeFile[]> = {
  containerd: containerdFiles,
  crio: crioFiles,
  docker: dockerFiles,
  k3s: k3sFiles,
  talos: talosFiles,
};

/** The files with which nodes of this kind pull through the proxy, and no other way. */
export function nodeFiles(kind: NodeKind, ground: NodeGround): readonly NodeFile[] {
  return makers[kind](ground);
}
