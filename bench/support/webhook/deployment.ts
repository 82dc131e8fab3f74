/** AdmissionReviews of a Deployment with three containers, as an API server sends them after `kubectl apply`. */
const labels = {
  'app.kubernetes.io/name': 'shop',
  'app.kubernetes.io/instance': 'shop-production',
  'app.kubernetes.io/component': 'frontend',
  'app.kubernetes.io/managed-by': 'kubectl',
  team: 'till',
};

const probe = (path: string) => ({
  httpGet: { path, port: 'http', scheme: 'HTTP' },
  initialDelaySeconds: 5,
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
});

const container = (name: string, image: string) => ({
  name,
  image,
  ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
  env: [
    { name: 'LOG_LEVEL', value: 'info' },
    { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    { name: 'DATABASE_PASSWORD', valueFrom: { secretKeyRef: { name: 'database', key: 'password' } } },
  ],
  resources: { limits: { memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
  volumeMounts: [{ name: 'config', readOnly: true, mountPath: '/etc/shop' }],
  livenessProbe: probe('/healthz'),
  readinessProbe: probe('/readyz'),
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  imagePullPolicy: 'IfNotPresent',
  securityContext: {
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
  },
});

function deployment(name: string, images: readonly string[]): object {
  const template = {
    metadata: { labels, annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '8080' } },
    spec: {
      volumes: [{ name: 'config', configMap: { name: 'shop', defaultMode: 420 } }],
      containers: images.map((image, index) => container(`c${index}`, image)),
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'shop',
      serviceAccount: 'shop',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      schedulerName: 'default-scheduler',
    },
  };
  const spec = {
    replicas: 3,
    selector: { matchLabels: { 'app.kubernetes.io/instance': 'shop-production' } },
    template,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
    revisionHistoryLimit: 10,
    progressDeadlineSeconds: 600,
  };
  const written = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, labels }, spec };
  return {
    ...written,
    metadata: {
      ...{ name, namespace: 'shop', uid: '6a1f0d3e-5b7c-4f5d-9a53-0e1c7b0e9d10', generation: 1, labels },
      creationTimestamp: '2026-11-30T12:00:00Z',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(written) },
      managedFields: [
        {
          ...{ manager: 'kubectl-client-side-apply', operation: 'Update', apiVersion: 'apps/v1' },
          ...{ time: '2026-11-30T12:00:00Z', fieldsType: 'FieldsV1' },
          fieldsV1: fieldsOf(written),
        },
      ],
    },
    status: {},
  };
}

/** As an API server writes down who owns which field. */
function fieldsOf(value: unknown): object {
  if (Array.isArray(value) || typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [`f:${key}`, fieldsOf(inner)]));
}

/** Different in name and uid, and alike in everything else. */
export function deploymentReviews(count: number, images: readonly string[]): readonly string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      request: {
        uid: `705ab4f5-6393-11e8-b7cc-${String(index).padStart(12, '0')}`,
        kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
        resource: { group: 'apps', version: 'v1', resource: 'deployments' },
        requestKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
        requestResource: { group: 'apps', version: 'v1', resource: 'deployments' },
        name: `shop-${index}`,
        namespace: 'shop',
        operation: 'CREATE',
        userInfo: {
          username: 'ada@corp.example',
          groups: ['developers', 'shop', 'system:authenticated'],
        },
        object: deployment(`shop-${index}`, images),
        oldObject: null,
        dryRun: false,
        options: {
          ...{ kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
          ...{ fieldManager: 'kubectl-client-side-apply', fieldValidation: 'Strict' },
        },
      },
    }),
  );
}
