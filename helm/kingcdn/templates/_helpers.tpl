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

{{- define "kingcdn.tokens" -}}
{{- .Values.tokens.existingSecret | default (printf "%s-tokens" (include "kingcdn.fullname" .)) -}}
{{- end -}}

{{/* (dict "root" $ "component" NAME) */}}
{{- define "kingcdn.image" -}}
image: {{ printf "%s/%s:%s" .root.Values.image.registry .component (.root.Values.image.tag | default .root.Chart.AppVersion) }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{- end -}}

{{/* what all pods have: nobody's user, nothing writable but volumes, no token of the cluster, no variables of other services */}}
{{- define "kingcdn.pod" -}}
serviceAccountName: {{ include "kingcdn.fullname" .root }}-{{ .component }}
automountServiceAccountToken: false
enableServiceLinks: false
terminationGracePeriodSeconds: 30
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
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

{{/* the number of MiB in a size such as 256MB or 2GB */}}
{{- define "kingcdn.mebibytes" -}}
{{- if hasSuffix "GB" . -}}
{{- mul 1024 (trimSuffix "GB" . | int) -}}
{{- else -}}
{{- trimSuffix "MB" . | int -}}
{{- end -}}
{{- end -}}
