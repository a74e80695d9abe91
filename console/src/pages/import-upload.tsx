// A file is chosen or dropped, and simulated; how it is to be read can be stated.

import { Alert, Autocomplete, Box, Button, Card, CardContent, Link, MenuItem, Stack, TextField } from '@mui/material';
import { type DragEvent, type FormEvent, useRef, useState } from 'react';
import { useRedirect, useTranslate } from 'react-admin';
import { callAccount, downloadUrl } from '../api.ts';

/** Encodings that spreadsheets write; others can be typed. */
const ENCODINGS = ['utf-8', 'windows-1252', 'windows-1250', 'iso-8859-15', 'utf-16le', 'macintosh', 'shift_jis'];

/** The delimiter as the API takes it; none if the file says it. */
export function delimiterOf(text: string): { delimiter?: ';' | ',' | 'tab' } {
  return text === ';' || text === ',' || text === 'tab' ? { delimiter: text } : {};
}

interface FieldProps {
  value: string;
  onChange: (value: string) => void;
}

/** The encoding of a file, by a label of the WHATWG Encoding Standard. */
export function EncodingInput({ value, onChange }: FieldProps) {
  const translate = useTranslate();
  return (
    <Autocomplete
      freeSolo
      options={ENCODINGS}
      inputValue={value}
      onInputChange={(_event, text) => onChange(text)}
      sx={{ minWidth: 260 }}
      renderInput={(params) => (
        <TextField {...params} label={translate('mt.imports.encoding')} margin="none" size="small" />
      )}
    />
  );
}

/** What stands between the cells of a file. */
export function DelimiterSelect({ value, onChange }: FieldProps) {
  const translate = useTranslate();
  return (
    <TextField
      select
      label={translate('mt.imports.delimiter')}
      value={value}
      onChange={({ target }) => onChange(target.value)}
      margin="none"
      size="small"
      sx={{ minWidth: 220 }}
    >
      <MenuItem value="">–</MenuItem>
      <MenuItem value=";">;</MenuItem>
      <MenuItem value=",">,</MenuItem>
      <MenuItem value="tab">tab</MenuItem>
    </TextField>
  );
}

/** What an upload says about its file; empty texts say nothing. */
interface FileForm {
  encoding: string;
  delimiter: string;
  fileset: string;
}

/** The fields of a file: a batch belongs to a fileset, a CSV file may have an encoding and a delimiter of its own. */
function FormFields({ isXml, form, onChange }: { isXml: boolean; form: FileForm; onChange: (form: FileForm) => void }) {
  const translate = useTranslate();
  if (isXml)
    return (
      <TextField
        label={translate('mt.imports.fileset')}
        value={form.fileset}
        onChange={({ target }) => onChange({ ...form, fileset: target.value })}
        margin="none"
        size="small"
        sx={{ minWidth: 220 }}
      />
    );
  return (
    <>
      <EncodingInput value={form.encoding} onChange={(encoding) => onChange({ ...form, encoding })} />
      <DelimiterSelect value={form.delimiter} onChange={(delimiter) => onChange({ ...form, delimiter })} />
    </>
  );
}

/** Files to begin with. */
function Files() {
  const translate = useTranslate();
  return (
    <Stack direction="row" spacing={2} useFlexGap sx={{ mt: 2, flexWrap: 'wrap' }}>
      <Link href={downloadUrl('/exports/template.csv')}>{translate('mt.imports.template')}</Link>
      <Link href={downloadUrl('/exports/users.csv')}>{translate('mt.imports.exportUsers')}</Link>
    </Stack>
  );
}

export function Upload() {
  const translate = useTranslate();
  const redirect = useRedirect();
  const [problem, setProblem] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [form, setForm] = useState<FileForm>({ encoding: '', delimiter: '', fileset: '' });
  const isXml = /[.]xml$/i.test(file?.name ?? '');
  const send = async (simulate: boolean) => {
    if (!file) return;
    setProblem('');
    try {
      const stated = isXml ? { fileset: form.fileset } : { encoding: form.encoding, delimiter: form.delimiter };
      const named = Object.entries(stated).filter(([, value]) => value !== '');
      const query = { simulate, fileName: file.name, ...Object.fromEntries(named) };
      const { json } = await callAccount('post', isXml ? '/imports/xml' : '/imports/csv', { file, query });
      redirect('show', 'imports', json.id);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send(true);
  };
  const choose = (chosen: File | undefined) => {
    setProblem('');
    setFile(chosen);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    choose(event.dataTransfer.files[0]);
  };
  return (
    <Card sx={{ my: 2 }} onDragOver={(event) => event.preventDefault()} onDrop={drop}>
      <CardContent>
        <Box component="form" onSubmit={submit}>
          <Stack direction={{ xs: 'column', md: 'row' }} spacing={2} sx={{ alignItems: { md: 'center' } }}>
            <input
              ref={input}
              type="file"
              accept=".csv,.xml,text/csv,application/xml"
              hidden
              onChange={({ target }) => choose(target.files?.[0])}
            />
            <Button variant="outlined" sx={{ minHeight: 44, flex: 'none' }} onClick={() => input.current?.click()}>
              {file?.name ?? translate('mt.imports.drop')}
            </Button>
            <FormFields isXml={isXml} form={form} onChange={setForm} />
            <Button type="submit" variant="contained" disabled={!file} sx={{ minHeight: 44, flex: 'none' }}>
              {translate('mt.imports.simulate')}
            </Button>
            {isXml ? (
              <Button variant="outlined" sx={{ minHeight: 44, flex: 'none' }} onClick={() => send(false)}>
                {translate('mt.imports.importNow')}
              </Button>
            ) : null}
          </Stack>
        </Box>
        {problem === '' ? null : (
          <Alert severity="error" sx={{ mt: 2, overflowWrap: 'anywhere' }}>
            {problem}
          </Alert>
        )}
        <Files />
      </CardContent>
    </Card>
  );
}
