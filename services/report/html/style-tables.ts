/** Tables: names left and fixed, figures right, each in a box of its own that scrolls sideways. */
export const tableStyle = `
.tw{overflow-x:auto;margin-top:20px;max-width:100%}
.tw+.tw{margin-top:34px}
table{border-collapse:separate;border-spacing:0;width:100%;font-size:14px}
caption{text-align:left;font-size:13px;color:var(--muted);padding-bottom:6px}
caption span{display:inline-block;position:sticky;left:0;max-width:calc(100vw - 32px)}
th,td{padding:7px 0 7px 20px;text-align:left;font-weight:400;vertical-align:top;border-bottom:1px solid var(--rule)}
th:first-child,td:first-child{padding-left:0}
thead th{font-size:12.5px;line-height:1.35;color:var(--muted);vertical-align:bottom;border-bottom-color:var(--strong)}
thead th[class*=c0],thead th[class*=c1],tbody th[class*=c0],tbody th[class*=c1]{font-weight:700;color:var(--c)}
th:first-child{position:sticky;left:0;background:var(--surface);padding-right:12px}
tbody th.name,tfoot th{min-width:150px;max-width:340px;overflow-wrap:anywhere}
.num{text-align:right;white-space:nowrap}
thead .num{white-space:normal}
td.name:not([class*=c0]):not([class*=c1]){overflow-wrap:anywhere}
td.c0,td.c1{color:var(--c);font-weight:700}
.text{min-width:160px;max-width:460px;overflow-wrap:anywhere}
td small,th small{display:block;font-size:12.5px;line-height:1.4;color:var(--muted);font-weight:400;white-space:normal}
.num small{min-width:11ch}
td.alert{color:var(--alert);font-weight:700}
tfoot th,tfoot td{font-weight:700;border-top:2px solid var(--ink);border-bottom:0}
tbody tr:hover>*{background:var(--sunken)}
.inb{display:block;height:3px;margin-top:3px;min-width:56px;background:linear-gradient(to right,var(--c,var(--strong)) var(--w),var(--rule) var(--w))}
.alert .inb{background:linear-gradient(to right,var(--alert) var(--w),var(--rule) var(--w))}
@media(max-width:760px){table{font-size:13px}th,td{padding-left:14px}tbody th.name{min-width:112px;max-width:150px}
th:first-child{box-shadow:1px 0 0 var(--rule)}}
@media print{.tw{overflow:visible}table{font-size:9pt}thead{display:table-header-group}tr{break-inside:avoid}th:first-child{position:static}}
`
