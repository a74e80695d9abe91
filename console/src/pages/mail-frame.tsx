// A mail as people get it, in a frame without scripts and without a way out, and its text beside it.

import { Box, Stack, Typography } from '@mui/material';
import { useTranslate } from 'react-admin';
import type { Schemas } from '../operations.ts';

/** Links open nothing: they would lead out of the frame, which the frame does not allow. */
const inFrame = (html: string) => html.replace('<head>', '<head><base target="_blank">');

export function MailFrame({ mail }: { mail: Schemas['WrittenMail'] }) {
  const translate = useTranslate();
  const { subject, text, html, senderName } = mail;
  return (
    <Stack spacing={1}>
      {senderName ? (
        <Typography sx={{ overflowWrap: 'anywhere' }}>
          {translate('mt.mails.senderName')}: {senderName}
        </Typography>
      ) : null}
      <Typography sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{subject}</Typography>
      <Stack direction={{ xs: 'column', md: 'row' }} spacing={2}>
        {html === undefined ? null : (
          <Box
            component="iframe"
            title={translate('mt.mails.asHtml')}
            sandbox=""
            srcDoc={inFrame(html)}
            sx={{ flex: 1, minHeight: 360, width: '100%', border: 1, borderColor: 'divider', bgcolor: '#fff' }}
          />
        )}
        <Box sx={{ flex: 1, minWidth: 0 }}>
          <Typography variant="subtitle2" component="p">
            {translate('mt.mails.asText')}
          </Typography>
          <Typography component="div" variant="body2" sx={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {text}
          </Typography>
        </Box>
      </Stack>
    </Stack>
  );
}
