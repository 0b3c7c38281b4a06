-- SPDX-License-Identifier: MIT
-- Manual pages for terminals: code in the running text is bold, as the names around it are, and blocks of code are
-- what roff calls an example. Pandoc's versions differ in the fonts that they would choose.

local function escaped(text)
    return (text:gsub('\\', '\\e'):gsub('%-', '\\-'):gsub("'", '\\(aq'):gsub('`', '\\(ga'):gsub('^%.', '\\&.'))
end

function Code(code)
    return pandoc.Strong({pandoc.Str(code.text)})
end

function CodeBlock(block)
    local lines = {'.PP', '.RS 4', '.nf'}
    for line in (block.text .. '\n'):gmatch('(.-)\n') do
        lines[#lines + 1] = line == '' and '.sp 1' or escaped(line)
    end
    lines[#lines + 1] = '.fi\n.RE'
    return pandoc.RawBlock('man', table.concat(lines, '\n'))
end
