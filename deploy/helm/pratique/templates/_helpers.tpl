{{- define "pratique.fullname" -}}
{{- if .Values.nameOverride -}}
{{- .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains "pratique" .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-pratique" (.Release.Name | trunc 31 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "pratique.webhookName" -}}
{{ include "pratique.fullname" . }}-webhook
{{- end -}}

{{/* (list $ component) */}}
{{- define "pratique.selectorLabels" -}}
{{- $ := index . 0 -}}
app.kubernetes.io/name: pratique
app.kubernetes.io/instance: {{ $.Release.Name | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{/* (list $ component) */}}
{{- define "pratique.labels" -}}
{{- $ := index . 0 -}}
{{ include "pratique.selectorLabels" . }}
app.kubernetes.io/version: {{ $.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $.Chart.Name $.Chart.Version }}
{{- end -}}

{{/* (list image fallback appVersion): an image, whose parts another one's stand in for */}}
{{- define "pratique.image" -}}
{{- $image := index . 0 -}}
{{- $repository := required "image.repository is empty: the image is not published, build it with deploy/docker/Dockerfile and say where it lies" $image.repository -}}
{{- if $image.digest -}}
{{ $repository }}@{{ $image.digest }}
{{- else -}}
{{ $repository }}:{{ $image.tag | default (index . 1) }}
{{- end -}}
{{- end -}}

{{- define "pratique.webhookImage" -}}
{{- $image := ternary .Values.webhook.image .Values.image (ne .Values.webhook.image.repository "") -}}
{{ include "pratique.image" (list $image .Chart.AppVersion) }}
{{- end -}}

{{/* What every Pod of ours has: no rights, no root, nothing to write to but its volumes. */}}
{{- define "pratique.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
# A volume with many blobs is not walked at every start.
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "pratique.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "pratique.gatesTokenSecret" -}}
{{ .Values.gates.existingSecret | default (printf "%s-gates" (include "pratique.fullname" .)) }}
{{- end -}}

{{- define "pratique.gatesTlsSecret" -}}
{{ .Values.gates.tlsSecretName | default (printf "%s-gates-tls" (include "pratique.fullname" .)) }}
{{- end -}}

{{- define "pratique.webhookTlsSecret" -}}
{{- if eq .Values.webhook.certificates.from "own" -}}
{{ required "webhook.certificates.secretName is empty, and webhook.certificates.from is own" .Values.webhook.certificates.secretName }}
{{- else -}}
{{ include "pratique.webhookName" . }}-tls
{{- end -}}
{{- end -}}

{{/* Whether this release's webhook asks this release's proxy. */}}
{{- define "pratique.ownGate" -}}
{{- if and .Values.proxy.enabled .Values.webhook.enabled (not .Values.webhook.proxy.url) }}true{{ end -}}
{{- end -}}

{{/* Whether the proxy answers gates that run on their own, here or in other clusters. */}}
{{- define "pratique.hasGates" -}}
{{- if and .Values.proxy.enabled (or (include "pratique.ownGate" .) .Values.gates.clusters) }}true{{ end -}}
{{- end -}}

{{/* Pods that one node or zone alone has end together: (list $ component) */}}
{{- define "pratique.spread" -}}
{{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
- maxSkew: 1
  topologyKey: {{ $key }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "pratique.selectorLabels" $ | nindent 6 }}
{{- end }}
{{- end -}}

{{- define "pratique.dnsEgress" -}}
- to:
    - namespaceSelector: {}
      podSelector:
        matchExpressions:
          - { key: k8s-app, operator: In, values: [kube-dns, coredns, node-local-dns] }
  ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
{{- end -}}

{{/* Volumes of `secretFiles`. */}}
{{- define "pratique.secretVolumes" -}}
{{- range . }}
- name: secret-{{ .name }}
  secret:
    secretName: {{ .secretName | quote }}
    defaultMode: 0440
    {{- with .items }}
    items:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}
{{- end -}}
