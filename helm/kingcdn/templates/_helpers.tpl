{{- define "kingcdn.fullname" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 32 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 32 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* (dict "root" $ "component" NAME ["cluster" ID]): what selects the pods of a component, the same for ever */}}
{{- define "kingcdn.selector" -}}
app.kubernetes.io/name: kingcdn
app.kubernetes.io/instance: {{ quote .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .cluster }}
kingcdn.com/cluster: {{ quote . }}
{{- end }}
{{- end -}}

{{- define "kingcdn.labels" -}}
{{ include "kingcdn.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{/* (dict "root" $ "cluster" ID): text where this release makes that cluster's pods, nothing where another one does */}}
{{- define "kingcdn.here" -}}
{{- if or (not .root.Values.edge.clusters) (has .cluster .root.Values.edge.clusters) -}}
here
{{- end -}}
{{- end -}}

{{- define "kingcdn.tokens" -}}
{{- .Values.tokens.existingSecret | default (printf "%s-tokens" (include "kingcdn.fullname" .)) -}}
{{- end -}}

{{/* (dict "root" $ "component" NAME) */}}
{{- define "kingcdn.image" -}}
image: {{ printf "%s/%s:%s" .root.Values.image.registry .component (.root.Values.image.tag | default .root.Chart.AppVersion) }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{- end -}}

{{/* what all pods have: nobody's user, nothing writable but volumes, no token of the cluster, no variables of other services; .leave is the
time in seconds that one needs before it even begins to stop */}}
{{- define "kingcdn.pod" -}}
serviceAccountName: {{ include "kingcdn.fullname" .root }}-{{ .component }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: {{ add 30 (.leave | default 0) }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
  {{- if .values.icmp }}
  # sockets for ICMP echo alone, for this group (docs/adr/0017-probing.md)
  sysctls: [{name: net.ipv4.ping_group_range, value: "10001 10001"}]
  {{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "kingcdn.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* the probes of a container whose management port is called . */}}
{{- define "kingcdn.probes" -}}
startupProbe:
  httpGet: {path: /actuator/health/liveness, port: {{ . }}}
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /actuator/health/liveness, port: {{ . }}}
  periodSeconds: 10
  timeoutSeconds: 3
readinessProbe:
  httpGet: {path: /actuator/health/readiness, port: {{ . }}}
  periodSeconds: 2
  timeoutSeconds: 2
{{- end -}}

{{/* a claim: (dict "name" N "size" S "storageClass" C) */}}
{{- define "kingcdn.claim" -}}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata:
    name: {{ .name }}
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .storageClass }}
    storageClassName: {{ quote . }}
    {{- end }}
    resources:
      requests:
        storage: {{ quote .size }}
{{- end -}}

{{/* the number of MiB in a size such as 256MB, 2GB, 512m, 1g, 768Mi or 1.5Gi; 0 in others */}}
{{- define "kingcdn.mebibytes" -}}
{{- if regexMatch "^[0-9.]+(GB|g|Gi)$" . -}}
{{- regexReplaceAll "[^0-9.]" . "" | float64 | mulf 1024 | int -}}
{{- else if regexMatch "^[0-9.]+(MB|m|Mi)$" . -}}
{{- regexReplaceAll "[^0-9.]" . "" | float64 | int -}}
{{- else -}}
0
{{- end -}}
{{- end -}}

{{/* the number of seconds in a duration such as 20s, 5m, 1h or 1d */}}
{{- define "kingcdn.seconds" -}}
{{- mul (regexFind "^[0-9]+" .) (get (dict "s" 1 "m" 60 "h" 3600 "d" 86400) (regexFind "[smhd]$" .)) -}}
{{- end -}}

{{/* how many seconds an edge goes on serving when it is told to end */}}
{{- define "kingcdn.leave" -}}
{{- if .Values.edge.leave -}}
{{- include "kingcdn.seconds" .Values.edge.leave -}}
{{- else -}}
{{- add 5 (include "kingcdn.seconds" .Values.ttl.address) -}}
{{- end -}}
{{- end -}}

{{/* (dict "name" VALUES "values" V "beside" MIB): refuses a memory limit above which the kernel would kill a process that does as it is told */}}
{{- define "kingcdn.requireMemory" -}}
{{- $limit := dig "limits" "memory" "0" .values.resources | toString -}}
{{- $needed := add (include "kingcdn.mebibytes" .values.heap) .beside -}}
{{- if and (ne (include "kingcdn.mebibytes" $limit) "0") (lt (include "kingcdn.mebibytes" $limit | int64) $needed) -}}
{{- fail (printf "%s.resources.limits.memory is %s, but the process takes up to %dMi: %s of heap and %dMi beside it" .name $limit $needed .values.heap (int .beside)) -}}
{{- end -}}
{{- end -}}
