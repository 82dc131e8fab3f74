/**
 * The three functions of the Reflect metadata proposal that tsyringe, a dependency of @peculiar/x509, wants to
 * find when it is loaded. Import this before @peculiar/x509. An implementation that is there already stays.
 */
type Metadata = Map<unknown, Map<unknown, unknown>>;
const store = new WeakMap<object, Metadata>();

function defineMetadata(key: unknown, value: unknown, target: object, property?: unknown): void {
  const ofTarget = store.get(target) ?? new Map<unknown, Map<unknown, unknown>>();
  store.set(target, ofTarget);
  const ofProperty = ofTarget.get(property) ?? new Map<unknown, unknown>();
  ofTarget.set(property, ofProperty);
  ofProperty.set(key, value);
}

function getOwnMetadata(key: unknown, target: object, property?: unknown): unknown {
  return store.get(target)?.get(property)?.get(key);
}

function getMetadata(key: unknown, target: object, property?: unknown): unknown {
  let owner: object | null = target;
  while (owner !== null) {
    const values = store.get(owner)?.get(property);
    if (values?.has(key) === true) return values.get(key);
    owner = Reflect.getPrototypeOf(owner);
  }
  return undefined;
}

if (!('getMetadata' in Reflect)) Object.assign(Reflect, { defineMetadata, getOwnMetadata, getMetadata });
