/** What answers at an adapter's address, as Harbor sees it. */
export interface FakeAdapter {
  readonly metadata: {
    readonly scanner: { readonly name: string; readonly vendor: string; readonly version: string };
    readonly capabilities: readonly {
      readonly type?: string;
      readonly consumes_mime_types: readonly string[];
      readonly produces_mime_types: readonly string[];
    }[];
    readonly properties: Readonly<Record<string, string>>;
  };
  /** Harbor's words for how it has to authenticate; left out: not at all. */
  readonly auth?: string;
  readonly credential?: string;
}

export interface FakeScanner {
  uuid: string;
  name: string;
  description: string;
  url: string;
  auth: string;
  access_credential: string;
  disabled: boolean;
  is_default: boolean;
  skip_certVerify: boolean;
  use_internal_addr: boolean;
}

export interface FakeAllowlist {
  expires_at?: number;
  items: { cve_id: string }[];
}

export interface FakeProject {
  project_id: number;
  name: string;
  registry_id?: number;
  metadata: Record<string, string>;
  cve_allowlist: FakeAllowlist;
  /** uuid of a scanner of its own. */
  scanner?: string;
}

/** Everything that a Harbor remembers; tests change it at will. */
export interface FakeHarborState {
  version: string;
  registryUrl: string;
  password: string;
  /** Whether the user may administer the system. */
  administrator: boolean;
  readOnly: boolean;
  components: { name: string; status: string; error?: string }[];
  /** Milliseconds that its clock is ahead. */
  skew: number;
  schedule: { type: string; cron?: string } | null;
  scanners: FakeScanner[];
  projects: FakeProject[];
  registries: Map<number, { url: string; name: string }>;
  allowlist: FakeAllowlist;
  /** By base address. */
  adapters: Map<string, FakeAdapter>;
  /** Answers in place of the API, by `METHOD /path`. */
  instead: Map<
    string,
    { status: number; type?: string; body?: string; headers?: Record<string, string> } | 'silence'
  >;
}

/** A project that is scanned on push and refuses what is critical, unless told otherwise. */
export function fakeProject(
  name: string,
  metadata: Record<string, string> = {},
  more: Partial<FakeProject> = {},
): FakeProject {
  const gated = { public: 'false', auto_scan: 'true', prevent_vul: 'true', severity: 'critical' };
  return { project_id: 1, name, metadata: { ...gated, ...metadata }, cve_allowlist: { items: [] }, ...more };
}

/** A registration that another administrator has made. */
export function fakeScanner(
  uuid: string,
  name: string,
  url: string,
  more: Partial<FakeScanner> = {},
): FakeScanner {
  return {
    uuid,
    name,
    url,
    description: '',
    auth: '',
    access_credential: '',
    disabled: false,
    is_default: false,
    skip_certVerify: false,
    use_internal_addr: false,
    ...more,
  };
}
