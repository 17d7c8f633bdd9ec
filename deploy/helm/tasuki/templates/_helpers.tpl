{{/* Names, labels and what every pod and container has in common. No logic. */}}

{{- define "tasuki.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- define "tasuki.labels" -}}
{{ include "tasuki.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "tasuki.selector" -}}
app.kubernetes.io/name: tasuki
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "tasuki.image" -}}
{{ required "Say where the gateway's image is: image.repository" .Values.image.repository }}@
{{- required "Say which image may run, by its digest: image.digest" .Values.image.digest }}
{{- end }}

{{- define "tasuki.policyRevision" -}}
{{ required "Say which policy revision is to serve, by its digest: policies.revision" .Values.policies.revision }}
{{- end }}

{{- define "tasuki.databaseSecret" -}}
{{ required "Name the Secret with the database URLs: database.secretName" .Values.database.secretName }}
{{- end }}

{{/* Every pod: nobody's account, no token, no variables of services around it. */}}
{{- define "tasuki.pod" -}}
automountServiceAccountToken: false
# The Service would otherwise put TASUKI_PORT and the like into the environment, and the
# gateway refuses settings that it does not know.
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{/* Every container. There is no value that changes it. */}}
{{- define "tasuki.container" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "tasuki.dnsEgress" -}}
- to:
    {{- toYaml .Values.network.dns | nindent 4 }}
  ports:
    - {protocol: UDP, port: 53}
    - {protocol: TCP, port: 53}
{{- end }}

{{- define "tasuki.databaseEgress" -}}
- to:
    {{- .Values.network.database | default "" | required "Say where PostgreSQL is, as NetworkPolicy peers: network.database" | toYaml | nindent 4 }}
  ports:
    - {protocol: TCP, port: {{ .Values.database.port }}}
{{- end }}
