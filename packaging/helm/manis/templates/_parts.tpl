{{- define "manis.name" -}}
{{- printf "%s-%s" .root.Release.Name .part | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "manis.selector" -}}
app.kubernetes.io/name: manis
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "manis.labels" -}}
{{ include "manis.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "manis.image" -}}
image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end -}}

{{- define "manis.control.url" -}}
{{- $name := include "manis.name" (dict "root" . "part" "control") -}}
{{- $first := printf "%s-0.%s-nodes" $name $name -}}
{{- .Values.control.url | default (printf "https://%s.%s.svc:8446" (ternary $first $name (gt (int .Values.control.replicas) 1)) .Release.Namespace) -}}
{{- end -}}

{{/* What a pod may: as little as the restricted standard of Kubernetes asks for, and a file system that is read-only. */}}
{{- define "manis.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile: { type: RuntimeDefault }
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "manis.container" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end -}}

{{/* Makes a token at the first start and never again: `kind` is pop or connector. */}}
{{- define "manis.enrol" -}}
- name: enrol
  {{- include "manis.image" .root | nindent 2 }}
  {{- include "manis.container" . | nindent 2 }}
  command:
    - /bin/sh
    - -euc
    - |
      # What is in it is for this user alone; where the folder is another's, its files are closed one by one.
      umask 077
      chmod 0700 /data 2> /dev/null || true
      {{- if eq .part "pop" }}
      [ -e /data/pop.json ] || [ -s /data/token ] || manis pop add "$NODE" | sed -n 's/.*manis pop join //p' > /data/token
      {{- else }}
      if [ ! -e /data/connector.json ] && [ ! -s /data/token ]; then
        manis site list | grep -qF " $SITE " || manis site add "$SITE" > /dev/null
        manis connector add --site "$SITE" | sed -n 's/.*manis connector join //p' > /data/token
      fi
      {{- end }}
      # Spent or fresh: the program asks for the file at each start.
      touch /data/token
  env:
    - name: MANIS_URL
      value: {{ include "manis.control.url" .root | quote }}
    - name: MANIS_TOKEN
      valueFrom: { secretKeyRef: { name: {{ .root.Values.apiSecret | quote }}, key: token } }
    - name: MANIS_CA
      value: /api/ca.pem
    {{- if eq .part "pop" }}
    - name: NODE
      valueFrom: { fieldRef: { fieldPath: {{ ternary "spec.nodeName" "metadata.name" (eq .root.Values.pop.kind "DaemonSet") }} } }
    {{- else }}
    - name: SITE
      value: {{ .root.Values.connector.site | quote }}
    {{- end }}
  volumeMounts:
    - { name: data, mountPath: /data }
    - { name: api, mountPath: /api, readOnly: true }
{{- end -}}

{{- define "manis.enrol.volume" -}}
- name: api
  secret: { secretName: {{ .Values.apiSecret | quote }}, items: [{ key: ca.pem, path: ca.pem }] }
{{- end -}}

{{- define "manis.claim" -}}
volumeClaimTemplates:
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: { name: data }
    spec:
      accessModes: [ReadWriteOnce]
      {{- with .className }}
      storageClassName: {{ . | quote }}
      {{- end }}
      resources: { requests: { storage: {{ .size | quote }} } }
{{- end -}}
