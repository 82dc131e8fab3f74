{{/* What the chart sets stands in the way of nobody unseen: (list own given where) */}}
{{- define "pratique.refuseOwn" -}}
{{- $own := index . 0 -}}
{{- $given := index . 1 -}}
{{- range $key, $value := $given -}}
{{- if hasKey $own $key -}}
{{- if and (kindIs "map" $value) (kindIs "map" (get $own $key)) (eq $key "listen" "webhook") -}}
{{- include "pratique.refuseOwn" (list (get $own $key) $value (printf "%s.%s" (index $ 2) $key)) -}}
{{- else -}}
{{- fail (printf "%s.%s: the chart sets it; the chart has a value of its own for it" (index $ 2) $key) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "pratique.proxyConfig" -}}
{{- $listen := dict
  "registry" "0.0.0.0:5000"
  "management" "0.0.0.0:5080"
  "webhook" "off"
  "harborAdapter" (ternary "0.0.0.0:5090" "off" .Values.harborAdapter.enabled)
-}}
{{- if .Values.proxy.tlsSecretName -}}
{{- $_ := set $listen "registryTls" (dict "certificate" "/etc/pratique/tls/tls.crt" "key" "/etc/pratique/tls/tls.key") -}}
{{- end -}}
{{- $own := dict "data" "/var/lib/pratique" "listen" $listen -}}
{{- if include "pratique.hasGates" . -}}
{{- $_ := set $listen "gates" "0.0.0.0:5443" -}}
{{- $tokens := list -}}
{{- if include "pratique.ownGate" . -}}
{{- $tokens = append $tokens (dict "cluster" (.Values.cluster | default "default") "tokenFile" "/etc/pratique/gates-token/token") -}}
{{- end -}}
{{- range .Values.gates.clusters -}}
{{- $tokens = append $tokens (dict "cluster" .cluster "tokenFile" (printf "/etc/pratique/gates/%s/token" .cluster)) -}}
{{- end -}}
{{- $_ := set $own "gates" (dict "tokens" $tokens "tls" (dict "certificate" "/etc/pratique/gates-tls/tls.crt" "key" "/etc/pratique/gates-tls/tls.key")) -}}
{{- end -}}
{{- if .Values.cluster -}}
{{- $_ := set $own "cluster" .Values.cluster -}}
{{- end -}}
{{- if .Values.policy -}}
{{- $_ := set $own "policy" "/etc/pratique/policy/policy.yaml" -}}
{{- end -}}
{{- if .Values.proxy.publicNames -}}
{{- $_ := set $own "publicNames" .Values.proxy.publicNames -}}
{{- end -}}
{{- if .Values.harborAdapter.enabled -}}
{{- if not .Values.harborAdapter.registries -}}
{{- fail "harborAdapter.registries is empty: name Harbor's host, or whoever reaches the adapter has images fetched from anywhere" -}}
{{- end -}}
{{- $adapter := dict
  "auth" (dict "type" "bearer" "secretFile" "/etc/pratique/harbor/token")
  "registries" .Values.harborAdapter.registries
-}}
{{- if .Values.harborAdapter.tlsSecretName -}}
{{- $_ := set $adapter "tls" (dict "certificate" "/etc/pratique/harbor-tls/tls.crt" "key" "/etc/pratique/harbor-tls/tls.key") -}}
{{- end -}}
{{- $_ := set $own "harborAdapter" $adapter -}}
{{- end -}}
{{- include "pratique.refuseOwn" (list $own .Values.proxy.config "proxy.config") -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.proxy.config) $own) -}}
{{- end -}}

{{- define "pratique.webhookConfig" -}}
{{- $full := include "pratique.fullname" . -}}
{{- $url := .Values.webhook.proxy.url | default (printf "https://%s.%s.svc:5443" $full .Release.Namespace) -}}
{{- $proxy := dict "url" $url "tokenFile" "/etc/pratique/gates-token/token" -}}
{{- $_ := set $proxy "ca" "/etc/pratique/gates-ca/ca.crt" -}}
{{- $service := printf "%s.%s.svc" (include "pratique.webhookName" .) .Release.Namespace -}}
{{- $webhook := dict "proxy" $proxy "names" (list $service) -}}
{{- if eq .Values.webhook.certificates.from "self" -}}
{{- $_ := set $webhook "register" (dict "configuration" $full) -}}
{{- $_ := set $webhook "secret" (dict "name" (include "pratique.webhookTlsSecret" .) "namespace" .Release.Namespace) -}}
{{- else -}}
{{- $_ := set $webhook "certificate" "/etc/pratique/tls/tls.crt" -}}
{{- $_ := set $webhook "key" "/etc/pratique/tls/tls.key" -}}
{{- end -}}
{{- if .Values.webhook.namespaceLabels -}}
{{- $_ := set $webhook "kubeconfig" "in-cluster" -}}
{{- end -}}
{{- if .Values.webhook.running.enabled -}}
{{- $_ := set $webhook "running" (dict "kubeconfig" "in-cluster" "namespace" .Release.Namespace "reports" (.Values.webhook.running.reports | replace "none" "off")) -}}
{{- end -}}
{{- $own := dict
  "data" "/var/lib/pratique"
  "shutdown" (dict "delay" (printf "%ds" (int .Values.webhook.shutdownDelaySeconds)))
  "listen" (dict "registry" "off" "management" "0.0.0.0:5080" "harborAdapter" "off" "webhook" "0.0.0.0:8443")
  "webhook" $webhook
-}}
{{- if .Values.cluster -}}
{{- $_ := set $own "cluster" .Values.cluster -}}
{{- end -}}
{{- include "pratique.refuseOwn" (list $own .Values.webhook.config "webhook.config") -}}
{{- toYaml (mergeOverwrite (deepCopy .Values.webhook.config) $own) -}}
{{- end -}}
