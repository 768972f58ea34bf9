{{- /* The pod, which is the same in both modes but for its volume. */ -}}
{{- define "parley.pod" -}}
metadata:
  labels:
    {{- include "parley.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.podAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  # drain_delay, and ten seconds more; a node that is done sooner ends sooner.
  terminationGracePeriodSeconds: 60
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "parley.selector" . | nindent 10 }}
  containers:
    - name: parley
      image: {{ printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: ["serve"]
      env:
        - name: PARLEY_ADDR
          value: ":8080"
        - name: PARLEY_DATA
          value: /data
        {{- range $name, $value := .Values.settings }}
        - name: {{ printf "PARLEY_%s" (upper $name) }}
          {{- /* A number is a float by now, which would be written 1e+06. */}}
          value: {{ if kindIs "string" $value }}{{ quote $value }}{{ else }}{{ toJson $value | quote }}{{ end }}
        {{- end }}
        {{- range .Values.secret.keys }}
        - name: {{ printf "PARLEY_%s_FILE" (upper .) }}
          value: {{ printf "/run/secrets/parley/%s" . }}
        {{- end }}
      ports:
        - name: http
          containerPort: 8080
      # The first start on a new version brings the database up to date before it listens.
      startupProbe:
        httpGet:
          path: /livez
          port: http
        periodSeconds: 2
        failureThreshold: {{ div (int .Values.startSeconds) 2 }}
      livenessProbe:
        httpGet:
          path: /livez
          port: http
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet:
          path: /readyz
          port: http
        periodSeconds: 2
        timeoutSeconds: 3
        failureThreshold: 2
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: ["ALL"]
      volumeMounts:
        - name: data
          mountPath: /data
        {{- if .Values.secret.name }}
        - name: secrets
          mountPath: /run/secrets/parley
          readOnly: true
        {{- end }}
  volumes:
    {{- if eq .Values.mode "several" }}
    # Nothing is kept here: rows are in PostgreSQL, files in the bucket.
    - name: data
      emptyDir: {}
    {{- end }}
    {{- with .Values.secret }}
    {{- if .name }}
    - name: secrets
      secret:
        secretName: {{ .name }}
        defaultMode: 288 # 0440, for the group of the pod
        items:
          {{- range .keys }}
          - key: {{ . }}
            path: {{ . }}
          {{- end }}
    {{- end }}
    {{- end }}
{{- end -}}
