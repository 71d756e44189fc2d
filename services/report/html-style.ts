/** Styles of the report: light and dark, from 360 px on, and for print. */
export const pageStyle = `
@font-face{font-family:"Arabic";src:local("Noto Naskh Arabic"),local("Geeza Pro"),local("Segoe UI");unicode-range:U+0600-06FF,U+0750-077F,U+08A0-08FF,U+FB50-FDFF,U+FE70-FEFF;size-adjust:112%}
:root{color-scheme:light dark;--ground:#fbfaf7;--card:#fff;--ink:#1d2326;--muted:#5e686d;--line:#dfe2de;--accent:#0f6b5c;--soft:#d9ebe6;--note:#fdf1d6}
@media(prefers-color-scheme:dark){:root{--ground:#14191b;--card:#1b2224;--ink:#e6e9e8;--muted:#9aa6aa;--line:#2d3639;--accent:#5cc5ae;--soft:#1f3d38;--note:#40351a}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 "Arabic",system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
header,main{max-width:1120px;margin:0 auto;padding:0 20px}
header{padding-top:36px}
h1{font-size:34px;line-height:1.15;margin:0;font-weight:650}
h2{font-size:26px;margin:0 0 4px;font-weight:620}
header p,.lede,.unit,figcaption+p{color:var(--muted)}
header p{margin:6px 0 14px}
nav a{display:inline-block;margin:0 14px 8px 0;padding:6px 0;color:var(--accent);text-decoration:none;border-bottom:1px solid var(--line)}
nav a:focus-visible,nav a:hover{border-color:var(--accent)}
section{padding:28px 0;border-top:1px solid var(--line);margin-top:20px}
.lede{margin:0 0 18px}.lede b{color:var(--ink);font-size:21px}
.note{background:var(--note);padding:12px 16px;border-radius:8px}
.empty{color:var(--muted)}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:1px;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden;margin:0 0 22px}
.figures div{background:var(--card);padding:12px 16px}
dt{color:var(--muted);font-size:13px}dd{margin:2px 0 0;font-size:18px;font-weight:560}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr));gap:18px;margin-bottom:22px}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;min-width:0}
figcaption{font-weight:600;margin-bottom:10px}
.plot{position:relative;padding-left:48px;height:150px}
.plot svg{width:100%;height:100%;display:block;border-left:1px solid var(--line);border-bottom:1px solid var(--line);overflow:visible}
.plot polygon{fill:var(--soft)}.plot polyline{fill:none;stroke:var(--accent);stroke-width:1.6;vector-effect:non-scaling-stroke}
.y-top,.y-low{position:absolute;left:0;width:42px;text-align:right;font-size:12.5px;color:var(--muted)}.y-top{top:-4px}.y-low{bottom:-4px}
.x-axis{display:flex;justify-content:space-between;padding-left:48px;font-size:12.5px;color:var(--muted);margin-top:4px}
.unit{font-size:12.5px;margin:4px 0 0;text-align:right}
.bars{list-style:none;margin:0;padding:0;display:grid;gap:8px}
.bars li{display:grid;grid-template-columns:minmax(90px,38%) 1fr auto;gap:10px;align-items:center;font-size:14px}
.bar-label{overflow-wrap:anywhere}
.bar{height:12px;background:linear-gradient(var(--accent),var(--accent)) left/var(--share) 100% no-repeat;border-radius:2px}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:10px;background:var(--card);margin-bottom:18px}
table{border-collapse:collapse;width:100%;font-size:14px}
caption{text-align:left;padding:12px 16px 6px;color:var(--muted);font-size:13px}
th,td{padding:7px 14px;text-align:right;white-space:nowrap;border-top:1px solid var(--line)}
thead th{color:var(--muted);font-weight:560;font-size:13px;border-top:0}
th:first-child{text-align:left;position:sticky;left:0;background:var(--card)}
tbody th{font-weight:500}.text{text-align:left;white-space:normal;min-width:240px}
@media print{:root{color-scheme:light;--ground:#fff;--card:#fff;--ink:#000;--muted:#444;--line:#ccc}nav{display:none}thead{display:table-header-group}tr,figure{break-inside:avoid}}
`
