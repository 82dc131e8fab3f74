export const ociManifestType = 'application/vnd.oci.image.manifest.v1+json';
export const ociIndexType = 'application/vnd.oci.image.index.v1+json';
export const dockerManifestType = 'application/vnd.docker.distribution.manifest.v2+json';
export const dockerListType = 'application/vnd.docker.distribution.manifest.list.v2+json';

export type ManifestShape = 'image' | 'index';

/** Which shape a manifest's media type promises. */
export const manifestShapes: ReadonlyMap<string, ManifestShape> = new Map([
  [ociManifestType, 'image'],
  [ociIndexType, 'index'],
  [dockerManifestType, 'image'],
  [dockerListType, 'index'],
]);

/** For `Accept`: everything that can be read here, so that no registry converts a manifest on the way. */
export const manifestAccept = [...manifestShapes.keys()].join(', ');

/** Docker's schema 1, which names its layers in another way and carries no config. */
export function isSchema1Type(mediaType: string): boolean {
  return /^application\/vnd\.docker\.distribution\.manifest\.v1\+(?:json|prettyjws)$/.test(mediaType);
}

/** Layers whose content a registry does not hold; clients fetch it from elsewhere. */
export function isForeignLayerType(mediaType: string): boolean {
  return /nondistributable|\.foreign\./i.test(mediaType);
}

/** `Content-Type` without parameters, lower case; null where there is none. */
export function bareMediaType(contentType: string | null | undefined): string | null {
  const bare = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return bare === '' ? null : bare;
}
