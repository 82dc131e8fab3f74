/** Names of the pluggable scanner API, exactly as Harbor compares them. */
export const metadataTypes = [
  'application/vnd.scanner.adapter.metadata+json; version=1.0',
  'application/vnd.scanner.adapter.metadata+json; version=1.1',
] as const;
export const scanRequestType = 'application/vnd.scanner.adapter.scan.request+json';
export const scanResponseType = 'application/vnd.scanner.adapter.scan.response+json; version=1.0';
export const errorType = 'application/vnd.scanner.adapter.error+json; version=1.0';

export const vulnerabilityReportType = 'application/vnd.security.vulnerability.report; version=1.1';
/** What Harbor asked for before 2.2. */
export const olderReportType = 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0';
export const sbomReportType = 'application/vnd.security.sbom.report+json; version=1.0';
