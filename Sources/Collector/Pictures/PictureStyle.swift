/// The colours of the picture, in one place: for the picture that stands alone and for the page's sheet. Each state also
/// differs in pattern, height or place, so that nothing is told by colour alone.
enum PictureStyle {
    /// Fills with a texture; their colours come from the sheet, so that a dark scheme changes them too.
    static let patterns: Markup = """
        <defs>
        <pattern id="dw-idle" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="p-idle" width="6" height="6"/>\
        <circle class="p-on" cx="3" cy="3" r="1"/></pattern>
        <pattern id="dw-meeting" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="p-meeting" width="5" height="5"/>\
        <path class="p-line" d="M1 0V5"/></pattern>
        <pattern id="dw-unattended" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
        <rect class="p-unattended" width="6" height="6"/><path class="p-line" d="M1 0V6"/></pattern>
        <pattern id="dw-unseen" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="p-unseen" width="5" height="5"/>\
        <path class="p-line" d="M0 1H5"/></pattern>
        <pattern id="dw-paused" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="p-paused" width="5" height="5"/>\
        <path class="p-ink" d="M1 0V5"/></pattern>
        <pattern id="dw-dark" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
        <rect class="p-dark" width="6" height="6"/><path class="p-hatch" d="M1 0V6"/></pattern>
        <pattern id="dw-gap" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">\
        <rect class="p-gap" width="9" height="9"/><path class="p-ink" d="M1 0V9"/></pattern>
        </defs>

        """

    static let standalone = rules + "@media screen and (prefers-color-scheme:dark){" + dark + "}"

    static let rules = """
        .dw{font:13px "Noto Sans",system-ui,"Segoe UI",sans-serif;font-variant-numeric:tabular-nums;fill:#1d2530}\
        .dw .h{font-size:22px;font-weight:600}.dw .k{font-size:20px;font-weight:600}.dw .b{font-weight:600}\
        .dw .n{font-size:12px}.dw .v{font-weight:600}.dw .f{font-size:11.5px}.dw .s{fill:#5b6674}.dw .bad{fill:#b42318}\
        .dw .paper{fill:#fff}.dw .off{fill:#f5f6f8}.dw .edge{stroke:#d5dae1}.dw .grid{stroke:#e6e9ee;fill:none}\
        .dw .base{stroke:#dfe3e8;fill:none}.dw .on{fill:#fff}.dw .halo{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}\
        .dw .capacity{fill:#0072b2}.dw .idle{fill:url(#dw-idle)}.dw .unattended{fill:url(#dw-unattended)}\
        .dw .meeting{fill:url(#dw-meeting)}.dw .unseen{fill:url(#dw-unseen)}.dw .closed{fill:#c5cbd3}\
        .dw rect.meeting{fill:#aa4499}.dw rect.meeting.key{fill:url(#dw-meeting)}\
        .dw .serving{fill:#009e73}.dw .called{fill:#7cc9b0}.dw .open{fill:#eef6f2;stroke:#b9d8cb;stroke-width:.7}\
        .dw .paused{fill:url(#dw-paused);stroke:#aeb6c0;stroke-width:.7}\
        .dw .camera-present{fill:#3b4654}.dw .camera-empty{fill:#eceff3;stroke:#aeb6c0;stroke-width:.7}\
        .dw .camera-dark{fill:url(#dw-dark);stroke:#d55e00;stroke-width:.8}.dw .camera-unknown{fill:#aeb6c0}\
        .dw .note{fill:#e69f00;fill-opacity:.12;stroke:#b87d00;stroke-dasharray:4 2;stroke-width:1}\
        .dw .gap{fill:url(#dw-gap)}.dw .tag{fill:#fff}.dw .now{stroke:#1d2530;stroke-width:1.2;fill:none}\
        .dw .mark{stroke:#1d2530;stroke-dasharray:1 3;fill:none}\
        .p-idle{fill:#e69f00}.p-meeting{fill:#aa4499}.p-unattended{fill:#d55e00}.p-unseen{fill:#8a8f98}\
        .p-paused{fill:#f2f4f6}.p-dark{fill:#fbe3d6}.p-gap{fill:#fff;fill-opacity:.55}.p-on{fill:#fff;fill-opacity:.75}\
        .p-line{stroke:#fff;stroke-opacity:.4;stroke-width:1.2}.p-ink{stroke:#8a949f;stroke-width:1}.p-hatch{stroke:#d55e00;stroke-width:2}
        """

    static let dark = """
        .dw{fill:#e6eaf0}.dw .s{fill:#9aa5b1}.dw .bad{fill:#ff8a7a}.dw .paper{fill:#14181d}.dw .off{fill:#1b2026}\
        .dw .edge{stroke:#3a424c}.dw .grid{stroke:#262c34}.dw .base{stroke:#2f363f}\
        .dw .capacity{fill:#3a9bdc}.dw .closed{fill:#4d5661}.dw .serving{fill:#1fb98c}.dw .called{fill:#2f7d67}\
        .dw .open{fill:#18231f;stroke:#2f4a40}.dw .paused{stroke:#55606c}\
        .dw .camera-present{fill:#c3ccd7}.dw .camera-empty{fill:#232930;stroke:#55606c}.dw .camera-unknown{fill:#55606c}\
        .dw .tag{fill:#14181d}.dw .halo{stroke:#14181d}.dw .now,.dw .mark{stroke:#e6eaf0}\
        .dw rect.meeting{fill:#c265b2}.p-meeting{fill:#c265b2}.p-unattended{fill:#e8752a}.p-unseen{fill:#767d87}\
        .p-paused{fill:#20262d}.p-dark{fill:#3a2417}.p-gap{fill:#14181d}.p-ink{stroke:#6a7581}
        """
}
