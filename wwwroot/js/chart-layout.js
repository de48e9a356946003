// How a chart looks apart from its lines.

export function layoutOf(options, c) {
  const font = { family: c.font, size: 11, color: c.text3 };
  const axis = { zeroline: false, showline: false, ticks: '', nticks: 5, automargin: false, exponentformat: 'e', separatethousands: true, tickfont: font, ticklabelstandoff: 3 };
  const end = options.x === 'step' ? options.steps : options.x === 'epoch' ? options.epochs : 0;
  return {
    margin: { l: 48, r: 16, t: 8, b: 24 },
    paper_bgcolor: 'rgba(0,0,0,0)',
    plot_bgcolor: 'rgba(0,0,0,0)',
    font,
    showlegend: false,
    separators: '.\u202f',
    uirevision: `${options.x}|${options.log}`,
    hovermode: 'x',
    dragmode: 'zoom',
    xaxis: {
      ...axis, showgrid: false, rangemode: 'tozero', showspikes: true, spikemode: 'across', spikesnap: 'hovered data', spikethickness: 1, spikecolor: c.text3, spikedash: 'solid',
      ...(end > 0 ? { range: [0, end] } : { autorange: true }),
    },
    yaxis: { ...axis, gridcolor: c.line, gridwidth: 1, type: options.log ? 'log' : 'linear', rangemode: options.fromZero ? 'tozero' : 'normal', autorangeoptions: options.share ? { clipmin: 0, clipmax: 1.02 } : {} },
    yaxis2: { overlaying: 'y', range: [0, 1], visible: false, fixedrange: true },
  };
}
