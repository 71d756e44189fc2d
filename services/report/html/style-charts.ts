/** Charts: shapes stretch with the page, their labels are HTML and keep their size. */
export const chartStyle = `
.flow{margin-top:22px}
.heads{position:relative;height:68px;font-size:13px;color:var(--muted)}
.heads div{position:absolute;left:var(--x);display:grid;line-height:1.35}
.heads .end{left:auto;right:0;text-align:right}
.heads b{font-size:19px;line-height:1.2;color:var(--ink)}
.heads span:last-child{font-size:12.5px}
.canvas{position:relative}
.canvas svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
.plain{fill:var(--sunken)}.tint{fill:var(--tint);opacity:.75}.mid{fill:var(--mid)}.lost{fill:var(--alert);fill-opacity:.28;stroke:var(--alert);stroke-opacity:.5;vector-effect:non-scaling-stroke}
.bar{fill:var(--c,var(--ink))}.bar.alert{fill:var(--alert)}
.lane{position:absolute;left:var(--x);transform:translateY(-50%);display:grid;font-size:13px;line-height:1.4}
.lane{max-width:25%}.lane b{font-size:15px;line-height:1.25;color:var(--c);overflow-wrap:anywhere}
.share{position:absolute;left:var(--x);transform:translateY(-50%);font-size:14px}
.falls{display:flex;justify-content:space-between;gap:24px;font-size:13px;margin-top:8px}
.falls .end{text-align:right}.falls li{color:var(--muted)}
.ladder{display:none;margin-top:16px}
.ladder li{display:grid;grid-template-columns:1fr auto;gap:0 12px;padding:6px 0}
.ladder i{grid-column:1/3;height:8px;background:linear-gradient(to right,var(--c,var(--ink)) var(--w),var(--sunken) var(--w))}
.ladder .c0 span,.ladder .c1 span{color:var(--c);font-weight:700}
.ladder .loss{padding-left:16px;color:var(--alert);font-size:13px}.ladder .loss i{height:4px;background:linear-gradient(to right,var(--alert) var(--w),var(--sunken) var(--w))}
@media(max-width:900px){.heads b{font-size:17px}}
@media(max-width:760px){.flow{display:none}.ladder{display:block}}
.two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:32px 48px;margin-top:18px}
.two>*{min-width:0}
figcaption{font-weight:700}figcaption small{display:block;font-weight:400;font-size:12.5px;color:var(--muted)}
.lens figcaption{font-weight:400;font-size:13px;color:var(--muted);margin-bottom:6px}
.area{position:relative;height:190px;margin:calc(var(--rows)*18px + 8px) 8px 26px 52px;border-bottom:1px solid var(--strong)}
.area svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
.area path{vector-effect:non-scaling-stroke;fill:none}
.grid{stroke:var(--rule);stroke-width:1}
.step{stroke:var(--c);stroke-width:2;stroke-linejoin:round}
.step.d1{stroke-dasharray:6 4}.step.d2{stroke-dasharray:2 3}
.yt,.xt{position:absolute;font-size:12px;line-height:1;color:var(--muted);white-space:nowrap}
.yt{right:calc(100% + 8px);transform:translateY(-50%)}
.xt{top:calc(100% + 7px);left:var(--x);transform:translateX(-50%)}
.up{position:absolute;left:var(--x);bottom:0;top:calc((var(--row) - var(--rows))*18px);width:0;border-left:1px solid var(--c,var(--ink))}
.gate{border-left:1.5px dotted var(--ink)}
.up span{position:absolute;top:0;font-size:12px;line-height:17px;white-space:nowrap;padding:0 5px;color:var(--c,var(--ink));background:var(--surface);z-index:1;max-width:min(50vw,330px);overflow:hidden;text-overflow:ellipsis}
.mean span{font-weight:700}
.up .before{right:1px}.up .after{left:1px}
.lens{margin-top:18px}
.strip{display:grid;grid-template-columns:minmax(90px,170px) 1fr;gap:14px;align-items:center;min-height:36px;padding-right:14px}
.strip b{color:var(--c);font-size:14px;overflow-wrap:anywhere;line-height:1.3}
.strip>div{position:relative;height:20px}
.strip i{position:absolute;left:var(--x)}
.whisker{top:9px;height:2px;width:var(--w);background:var(--c)}
.box{top:3px;height:14px;width:var(--w);background:var(--mid)}
.median{top:0;height:20px;width:3px;margin-left:-1px;background:var(--c)}
.dot{top:6px;width:8px;height:8px;margin-left:-4px;border-radius:50%;border:2px solid var(--c);background:var(--surface)}
.axis>div{border-top:1px solid var(--strong)}
.axis b{font-weight:400;color:var(--muted);font-size:12.5px}
.axis span{position:absolute;left:var(--x);top:4px;transform:translateX(-50%);font-size:12px;color:var(--muted)}
@media(max-width:760px){.strip{grid-template-columns:1fr;gap:2px;margin-top:8px}.axis span:first-child{transform:none}.axis span:last-child{transform:translateX(-100%)}}
`
