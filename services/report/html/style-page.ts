/** Colours, type and the frame of the page: light and dark by one declaration, from 360 px on, and for print. */
export const pageStyle = `
@font-face{font-family:"Arabic text";src:local("Noto Naskh Arabic"),local("NotoNaskhArabic-Regular"),local("Geeza Pro"),local("Sakkal Majalla"),local("Amiri");unicode-range:U+0600-06FF,U+0750-077F,U+0870-08FF,U+FB50-FDFF,U+FE70-FEFF;size-adjust:112%}
:root{color-scheme:light dark;
--page:light-dark(#f7f8fa,#0f151b);--surface:light-dark(#ffffff,#161e27);--sunken:light-dark(#edf0f4,#1e2832);
--ink:light-dark(#15202b,#e6ecf2);--muted:light-dark(#4a5866,#a7b4c1);
--rule:light-dark(#d9dfe6,#2b3743);--strong:light-dark(#7f8b98,#75838f);
--a:light-dark(#1c5ea8,#7fb5f4);--a-tint:light-dark(#dce8f6,#1a3049);--a-mid:light-dark(#a9c7e8,#2c5484);
--b:light-dark(#8f5200,#e8ac4e);--b-tint:light-dark(#f8e7cb,#3e2d10);--b-mid:light-dark(#e6bf7f,#785316);
--alert:light-dark(#ab1450,#ff8cae);--alert-tint:light-dark(#fae1ea,#481829);
--ui:-apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Noto Sans","Noto Sans Arabic",Tahoma,sans-serif;
--mono:"Arabic text",ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"Noto Sans Mono","DejaVu Sans Mono",monospace}
:root:has(#theme-light:checked){color-scheme:light}
:root:has(#theme-dark:checked){color-scheme:dark}
.c0{--c:var(--a);--tint:var(--a-tint);--mid:var(--a-mid)}
.c1{--c:var(--b);--tint:var(--b-tint);--mid:var(--b-mid)}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--surface);color:var(--ink);font:15px/1.5 var(--ui);font-variant-numeric:tabular-nums lining-nums}
h1,h2,p,ul,ol,dl,dd,figure,fieldset{margin:0;padding:0;border:0}
ul,ol{list-style:none}
a{color:inherit;text-underline-offset:.18em;text-decoration-color:var(--strong)}
a:hover{text-decoration-color:currentColor}
:focus-visible{outline:2px solid var(--a);outline-offset:2px;border-radius:2px}
code{font-family:var(--mono);font-size:.88em;unicode-bidi:isolate;overflow-wrap:anywhere}
:lang(ar){font-family:"Arabic text",var(--ui)}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.alert,.mark{color:var(--alert)}
.mark{font-size:11px}
.empty{color:var(--muted);margin-top:12px}
.top{display:flex;flex-wrap:wrap;gap:6px 24px;align-items:center;justify-content:space-between;padding:10px 24px;border-bottom:1px solid var(--rule);font-size:13px;color:var(--muted)}
.top b{color:var(--ink)}
.stamp{background:var(--alert-tint);color:var(--alert);font-weight:700;padding:2px 10px;border-radius:4px}
.theme{display:flex;border:1px solid var(--rule);border-radius:4px;overflow:hidden}
.theme label{cursor:pointer}
.theme input{position:absolute;opacity:0}
.theme span{display:block;padding:3px 10px;line-height:1.5}
.theme :checked+span{background:var(--ink);color:var(--page)}
.theme :focus-visible+span{outline:2px solid var(--a);outline-offset:-2px}
.wrap{display:grid;grid-template-columns:128px minmax(0,1120px);gap:48px;justify-content:center;padding:0 24px}
nav{position:sticky;top:0;align-self:start;padding-top:46px;font-size:13px;line-height:1.35}
nav a{display:block;padding:5px 0 5px 12px;border-left:2px solid var(--rule);text-decoration:none;color:var(--muted)}
nav a:hover,nav a:focus-visible{color:var(--ink);border-color:var(--ink)}
main{min-width:0;padding:40px 0 72px}
h1{font-size:34px;line-height:1.18;font-weight:700;letter-spacing:-.012em;text-wrap:balance}
h1 span{display:block}
h2{font-size:21px;line-height:1.25;letter-spacing:-.006em;text-wrap:balance}
.lede{color:var(--muted);max-width:74ch;margin-top:6px;text-wrap:pretty}
header>.lede{max-width:66ch;margin-top:10px}
.cap{font-size:13px;color:var(--muted);max-width:74ch;margin-top:10px}
main>section{margin-top:56px;scroll-margin-top:16px}
.figs{display:flex;flex-wrap:wrap;justify-content:space-between;gap:20px 26px;margin:28px 0 0;padding:20px 0 18px;border-top:2px solid var(--ink)}
.figs dt{font-size:13px;color:var(--muted)}
.figs .v{font-size:26px;line-height:1.25;font-weight:700;letter-spacing:-.01em;white-space:nowrap}
.figs .v small{font-size:15px;font-weight:400}
.figs .s{font-size:12.5px;line-height:1.5;color:var(--c,var(--muted));overflow-wrap:anywhere;max-width:210px}
.look{border-bottom:1px solid var(--rule);margin-top:6px;border-top:1px solid var(--rule)}
.look li{display:grid;grid-template-columns:16px minmax(0,1fr) auto;gap:8px;padding:10px 0;align-items:baseline}
.look li+li{border-top:1px solid var(--rule)}
.look div{overflow-wrap:anywhere}
.look code{color:var(--muted)}
.look a{font-size:13px;white-space:nowrap}
@media(max-width:1100px){.wrap{display:block;max-width:1120px;margin:0 auto}
nav{position:static;padding-top:12px}
nav ul{display:flex;gap:2px 18px;flex-wrap:wrap}
nav a{border:0;padding:6px 0;text-decoration:underline;text-decoration-color:var(--rule);text-underline-offset:.3em}
main{padding-top:24px}}
@media(max-width:760px){.wrap{padding:0 16px}.top{padding:10px 16px}h1{font-size:26px}
nav a{padding:10px 0;min-height:44px}.theme span{padding:10px 12px}
.figs{display:grid;grid-template-columns:1fr 1fr;gap:18px}.figs .v{white-space:normal}
main>section{margin-top:44px}
.look li{grid-template-columns:16px minmax(0,1fr)}.look a{grid-column:2;padding:6px 0}}
@media(prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media print{:root,:root:has(#theme-dark:checked){color-scheme:light}
nav,.theme{display:none}.wrap{display:block;padding:0}main{padding:0}body{font-size:11pt}
h2{break-after:avoid}main>section{margin-top:28px}a{text-decoration:none}figure,.look li{break-inside:avoid}}
`
