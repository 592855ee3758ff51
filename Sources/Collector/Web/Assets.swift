/// The sheet, the script and the icon, inside the program: nothing to install beside it, nothing from elsewhere.
enum Assets {
    static let styleSheet = """
        :root{color-scheme:light dark;--ink:#1d2530;--soft:#5b6674;--line:#e3e7ec;--paper:#fff;--tint:#f5f6f8;--link:#0b5c8f;--bad:#b42318}
        @media screen and (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa5b1;--line:#2b323b;--paper:#14181d;--tint:#1b2026;--link:#7cc0f0;--bad:#ff8a7a}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 "Noto Sans",system-ui,"Segoe UI",sans-serif;font-variant-numeric:tabular-nums}
        a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
        a:focus-visible,summary:focus-visible,.picture:focus-visible,main:focus-visible{outline:3px solid #e69f00;outline-offset:2px;border-radius:2px}
        main:focus{outline:none}
        .skip{position:absolute;left:-9999px}.skip:focus{left:8px;top:8px;background:var(--paper);padding:8px 12px;z-index:2}
        .unseen-text{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        header,main,footer{max-width:1288px;margin:0 auto;padding:0 24px}
        header{display:flex;gap:20px;align-items:baseline;padding-top:14px;padding-bottom:12px;border-bottom:1px solid var(--line)}
        .brand{font-weight:700;color:var(--ink);text-decoration:none}
        .language{margin-left:auto}
        .stale-note{display:none;color:var(--bad);font-weight:600}
        body.is-stale .stale-note{display:inline}body.is-stale main{filter:grayscale(1);opacity:.7}
        footer{color:var(--soft);font-size:12.5px;padding-top:20px;padding-bottom:28px;margin-top:28px;border-top:1px solid var(--line)}
        h1{font-size:24px;line-height:1.25;margin:22px 0 14px}h1 small{font-size:15px;font-weight:400;color:var(--soft);margin-left:6px}
        h2{font-size:17px;margin:30px 0 8px}h2 small,.quiet td,.note,small{color:var(--soft)}h2 small{font-weight:400}
        table{border-collapse:collapse;width:100%}
        th,td{padding:7px 10px 7px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
        thead th{color:var(--soft);font-weight:400;font-size:13px;vertical-align:bottom}
        tbody th{font-weight:600}tfoot th,tfoot td{border-bottom:0;border-top:2px solid var(--line);font-weight:600}
        .number{text-align:right;white-space:nowrap}
        .offices td,.offices tbody th,.days td,.days tbody th{vertical-align:middle}
        .offices tbody th{font-size:16px}.offices td.spark{width:180px}.offices td.number,.days td.number{text-align:left}
        a.why{color:inherit;text-decoration:underline dotted;text-decoration-color:var(--soft)}a.why:hover{color:var(--link)}
        .facts th{width:12em;font-weight:400;color:var(--soft)}.value strong{font-size:26px}
        .why-counted td:nth-child(5),.why-counted td:nth-child(6),.why-counted thead th:nth-child(5),.why-counted thead th:nth-child(6){text-align:right}.why-counted td:nth-child(7){padding-left:12px}
        .annotations{border-left:4px solid #e69f00;padding:2px 0 2px 16px;margin:12px 0}.annotations h2{margin:4px 0}
        .bad{color:var(--bad);font-weight:600}.stale{color:var(--soft)}.long{font-weight:700}
        .mark{border:1px solid var(--line);border-radius:3px;padding:0 4px;font-size:11.5px;white-space:nowrap}
        .wide,.picture{overflow-x:auto}.wide table{font-size:13.5px}.metrics th,.visits th,.causes th{white-space:nowrap}
        .metrics thead th+th,.counters thead th:nth-child(n+3){text-align:right}.metrics td small{white-space:normal;font-size:11.5px}
        .causes thead th:nth-child(-n+4):not(:first-child),#hours thead th+th{text-align:right}.causes td.why{color:var(--soft);padding-left:14px}
        .visits thead th:nth-child(8),.visits thead th:nth-child(10){text-align:right}.visits td:nth-child(11){padding-left:12px}
        .visits td{padding-top:4px;padding-bottom:4px}.visits th{padding-top:4px;padding-bottom:4px}
        .suspect td,.suspect th{color:var(--soft);font-style:italic}
        summary{cursor:pointer}details>p{margin:4px 0;font-weight:400;color:var(--soft);white-space:normal;max-width:46ch}
        #hours>summary,#agents>summary{margin:14px 0 6px;color:var(--link)}
        code,pre{font-size:12.5px;color:var(--soft)}pre{background:var(--tint);padding:10px 14px;overflow-x:auto;color:var(--ink)}
        .days-nav{display:flex;justify-content:space-between;gap:12px;padding:14px 0 4px}.days-nav .here{color:var(--soft)}
        .picture{margin:0 -24px}.picture svg{display:block;width:100%;height:auto;min-width:860px}
        .swatch{vertical-align:-1px;margin-right:4px}.spark{max-width:100%}
        .downloads,.pager,.older{font-size:13.5px}.downloads a,.pager a,.pager span,.older a{margin-right:12px}
        .incidents{border-left:4px solid var(--bad);padding:2px 0 2px 16px;margin:12px 0}.incidents h2{margin:4px 0}.incidents ul{margin:4px 0;padding-left:18px}
        @media screen and (max-width:760px){
        header,main,footer{padding-left:14px;padding-right:14px}header{gap:14px;flex-wrap:wrap}.picture{margin:0 -14px}
        .offices,.offices tbody,.offices tr,.offices th,.offices td,.days,.days tbody,.days tr,.days th,.days td{display:block;border:0;padding:2px 0}
        .offices thead,.days thead{position:absolute;left:-9999px}
        .offices tr,.days tr{border-bottom:1px solid var(--line);padding:10px 0}
        .offices td[data-label]:before,.days td[data-label]:before{content:attr(data-label);display:inline-block;width:11em;color:var(--soft);font-weight:400}
        .offices td.spark:before,.days td.spark:before{vertical-align:top}
        .visits td:nth-child(2),.visits thead th:nth-child(2),.causes td.why,.causes thead th:nth-child(5),.causes tfoot td:last-child{display:none}
        }
        @media print{
        @page{size:A4;margin:12mm}
        body{font-size:10.5px}header .language,header nav,.skip,.days-nav a,.downloads,.pager,#agents{display:none}
        header,main,footer,.picture{max-width:none;margin:0;padding-left:0;padding-right:0}
        .picture,.wide{overflow:visible}.picture svg{min-width:0}
        .wide table,thead th{font-size:9px}.metrics td small,small{font-size:8px}h2{font-size:13px;margin:14px 0 4px}th,td{padding:2px 5px 2px 0}.visits td,.visits th{padding:1px 5px 1px 0}#hours:not([open]){display:none}tr,.picture{break-inside:avoid}thead{display:table-header-group}h2{break-after:avoid}
        a{color:inherit;text-decoration:none}.metrics details>p{display:none}summary{list-style:none}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        }
        @media (prefers-reduced-motion:no-preference){main{transition:opacity .3s}}

        """ + PictureStyle.rules + "\n@media screen and (prefers-color-scheme:dark){" + PictureStyle.dark + "}\n"

    /// Refreshes the main part while a day runs: told by server-sent events, and every five seconds without them. What the
    /// reader opened, scrolled or focused stays. Everything works without it.
    static let script = """
        (function () {
          'use strict';
          var main = document.getElementById('main');
          if (!main || !main.dataset.live || !window.fetch) { return; }
          var busy = false, again = false, last = Date.now(), timer = 0, events = null;
          function details(root) { return root.querySelectorAll('details'); }
          function swap(fresh) {
            var open = [], i, old = details(main), picture = main.querySelector('.picture');
            var left = picture ? picture.scrollLeft : 0;
            var focus = document.activeElement, href = focus && main.contains(focus) ? focus.getAttribute('href') : null;
            for (i = 0; i < old.length; i++) { open.push(old[i].open); }
            main.innerHTML = fresh.innerHTML;
            var now = details(main);
            if (now.length === open.length) { for (i = 0; i < now.length; i++) { now[i].open = open[i]; } }
            picture = main.querySelector('.picture');
            if (picture) { picture.scrollLeft = left; }
            if (href) {
              var links = main.querySelectorAll('a[href]');
              for (i = 0; i < links.length; i++) {
                if (links[i].getAttribute('href') === href) { links[i].focus({ preventScroll: true }); break; }
              }
            }
            if (!fresh.dataset.live) { clearInterval(timer); if (events) { events.close(); } }
          }
          function refresh() {
            if (document.hidden) { return; }
            if (busy) { again = true; return; }
            busy = true;
            fetch(location.href, { cache: 'no-store', headers: { Accept: 'text/html' } }).then(function (response) {
              if (!response.ok) { throw new Error(String(response.status)); }
              return response.text();
            }).then(function (text) {
              var fresh = new DOMParser().parseFromString(text, 'text/html').getElementById('main');
              if (fresh && String(window.getSelection() || '') === '') { swap(fresh); }
              last = Date.now();
              document.body.classList.remove('is-stale');
            }).catch(function () {
              if (Date.now() - last > 12000) { document.body.classList.add('is-stale'); }
            }).then(function () {
              busy = false;
              if (again) { again = false; setTimeout(refresh, 500); }
            });
          }
          timer = setInterval(refresh, 5000);
          document.addEventListener('visibilitychange', refresh);
          if (window.EventSource) {
            events = new EventSource('/live');
            events.onmessage = refresh;
          }
        }());

        """

    static let icon = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#0072b2"/>\
        <path d="M3 12V8h2V5h3v3h2v2h3v2z" fill="#fff"/></svg>

        """
}
